# SPDX-License-Identifier: Apache-2.0
# man.awk OPTIONS PAGES - compare the option tables (`berth __options`) with the man pages, both ways
function page_of(cmd) { return cmd == "berth" ? "berth.1" : "berth-" cmd ".1" }
function complain(text) { print text; bad = 1 }
FNR == NR {
	split($0, f, "\t")
	page = page_of(f[1])
	if (f[2] == "-" && f[3] == "-") {
		if (f[5] == "shown")
			commands[page] = f[1]
		next
	}
	if (f[2] != "-") { exists[page, f[2]] = 1; if (f[5] == "shown") due[page, f[2]] = "-" f[2] }
	if (f[3] != "-") { exists[page, f[3]] = 1; if (f[5] == "shown") due[page, f[3]] = "--" f[3] }
	next
}
FNR == 1 {
	page = FILENAME
	sub(/.*\//, "", page)
	seen[page] = 1
	if (!(page in commands))
		complain("man/" page ": there is no such command")
}
/^\.It / {
	for (i = 2; i < NF; i++)
		if ($i == "Fl") {
			name = $(i + 1)
			sub(/^-/, "", name)
			said[page, name] = 1
			if (!((page, name) in exists) && name != "h" && name != "help")
				complain("man/" page ":" FNR ": no table has option '" name "'")
		}
}
END {
	for (page in commands)
		if (!(page in seen))
			complain("man/" page ": missing (berth " commands[page] ")")
	for (key in due) {
		split(key, k, SUBSEP)
		if ((k[1] in seen) && !((k[1], k[2]) in said))
			complain("man/" k[1] ": option " due[key] " has no .It Fl line")
	}
	exit bad
}
