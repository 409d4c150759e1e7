/* SPDX-License-Identifier: Apache-2.0 */
/* What each member of config.json may be; what members mean together is in test_check.c. */
#include "tests/unit/t.h"

#include <stdio.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "specs/oci.h"
#include "specs/words.h"
#include "tests/unit/oci_doc.h"

#define ENOUGH "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"r\"},"

static const struct doc_case cases[] = {
	/* the document */
	{ DOC_RAW, "[]", "", "expected an object, found an array" },
	{ DOC_RAW, "null", "", "expected an object, found null" },
	{ DOC_RAW, "7", "", "expected an object, found a number" },
	{ DOC_RAW, "{\"ociVersion\":", "", "not valid JSON" },
	{ DOC_RAW, "{\"root\":{\"path\":\"r\"},\"process\":{\"cwd\":\"/\",\"args\":[\"a\"]}}",
	  "/ociVersion", "is required" },
	{ DOC_RAW,
	  "{\"ociVersion\":1,\"root\":{\"path\":\"r\"},\"process\":{\"cwd\":\"/"
	  "\",\"args\":[\"a\"]}}",
	  "/ociVersion", "expected a string, found a number" },
	{ DOC_RAW, ENOUGH "\"process\":{\"args\":[\"a\"]}}", "/process/cwd", "is required" },
	{ DOC_RAW, ENOUGH "\"process\":{\"args\":[\"a\"],\"cwd\":null}}", "/process/cwd",
	  "is required" },
	{ DOC_RAW, ENOUGH "\"process\":{\"args\":[\"a\"],\"cwd\":7}}", "/process/cwd",
	  "expected a string, found a number" },
	{ DOC_RAW, ENOUGH "\"process\":{\"cwd\":\"/\",\"args\":\"sh\"}}", "/process/args",
	  "expected an array, found a string" },
	{ DOC_RAW, ENOUGH "\"process\":[]}", "/process", "expected an object, found an array" },
	{ DOC_RAW, ENOUGH "\"process\":null}", "/process", "is required" },
	{ DOC_RAW,
	  "{\"ociVersion\":\"1.0.2\",\"process\":{\"cwd\":\"/\",\"args\":[\"a\"]},"
	  "\"root\":\"r\"}",
	  "/root", "expected an object, found a string" },
	{ DOC_RAW,
	  "{\"ociVersion\":\"1.0.2\",\"process\":{\"cwd\":\"/\",\"args\":[\"a\"]},"
	  "\"root\":{\"path\":7}}",
	  "/root/path", "expected a string, found a number" },
	{ DOC_RAW,
	  "{\"ociVersion\":\"1.0.2\",\"process\":{\"cwd\":\"/\",\"args\":[\"a\"]},"
	  "\"root\":{\"path\":\"r\",\"readonly\":1}}",
	  "/root/readonly", "expected true or false, found a number" },
	/* unknown members are nobody's business, null is "not there" for what has no number */
	{ DOC_TOP, "\"future\":{\"x\":[1]},\"windows\":{},\"vm\":null", NULL, NULL },
	{ DOC_TOP, "\"hooks\":null,\"mounts\":null,\"annotations\":null,\"hostname\":null", NULL,
	  NULL },
	{ DOC_LINUX,
	  "\"resources\":null,\"seccomp\":null,\"maskedPaths\":null,\"sysctl\":null,"
	  "\"rootfsPropagation\":null,\"personality\":null,\"uidMappings\":null",
	  NULL, NULL },
	{ DOC_PROCESS,
	  "\"env\":null,\"capabilities\":null,\"rlimits\":null,\"user\":null,"
	  "\"unknown\":7",
	  NULL, NULL },

	/* process */
	{ DOC_PROCESS, "\"terminal\":\"yes\"", "/process/terminal",
	  "expected true or false, found a string" },
	{ DOC_PROCESS, "\"terminal\":null", "/process/terminal", "found null" },
	{ DOC_PROCESS, "\"user\":{\"uid\":\"0\",\"gid\":0}", "/process/user/uid",
	  "expected a number, found a string" },
	{ DOC_PROCESS, "\"user\":{\"uid\":null,\"gid\":0}", "/process/user/uid",
	  "expected a number, found null" },
	{ DOC_PROCESS, "\"user\":{\"uid\":1.0,\"gid\":0}", "/process/user/uid",
	  "expected a whole number, found 1" },
	{ DOC_PROCESS, "\"user\":{\"uid\":-1,\"gid\":0}", "/process/user/uid",
	  "-1 is out of range: 0 to 4294967294" },
	{ DOC_PROCESS, "\"user\":{\"uid\":4294967295,\"gid\":0}", "/process/user/uid",
	  "4294967295 is out of range" },
	{ DOC_PROCESS, "\"user\":{\"uid\":18446744073709551615,\"gid\":0}", "/process/user/uid",
	  "18446744073709551615 is out of range" },
	{ DOC_PROCESS, "\"user\":{\"uid\":0,\"gid\":4294967295}", "/process/user/gid",
	  "4294967295 is out of range" },
	{ DOC_PROCESS, "\"user\":{\"gid\":0}", "/process/user/uid", "is required" },
	{ DOC_PROCESS, "\"user\":{\"uid\":1000}", "/process/user/gid", "is required" },
	{ DOC_PROCESS, "\"user\":{\"uid\":0,\"gid\":0,\"umask\":4096}", "/process/user/umask",
	  "out of range" },
	{ DOC_PROCESS, "\"user\":{\"uid\":0,\"gid\":0,\"additionalGids\":[0,4294967295]}",
	  "/process/user/additionalGids/1", "4294967295 is out of range" },
	{ DOC_PROCESS, "\"user\":{\"uid\":0,\"gid\":0,\"additionalGids\":[null]}",
	  "/process/user/additionalGids/0", "expected a number, found null" },
	{ DOC_PROCESS, "\"user\":{\"uid\":0,\"gid\":0,\"username\":\"x\"}", NULL, NULL },
	{ DOC_PROCESS, "\"consoleSize\":{\"height\":65536,\"width\":1}",
	  "/process/consoleSize/height", "out of range" },
	{ DOC_PROCESS, "\"env\":[\"A=1\",7]", "/process/env/1",
	  "expected a string, found a number" },
	{ DOC_PROCESS, "\"env\":{}", "/process/env", "expected an array, found an object" },
	{ DOC_PROCESS, "\"env\":[\"A=\\u0000\"]", "", "NUL" },
	{ DOC_PROCESS, "\"cwd\":\"/\"", "", "once" },
	{ DOC_PROCESS, "\"capabilities\":[]", "/process/capabilities", "expected an object" },
	{ DOC_PROCESS, "\"capabilities\":{\"bounding\":{}}", "/process/capabilities/bounding",
	  "expected an array" },
	{ DOC_PROCESS, "\"capabilities\":{\"ambient\":null}", NULL, NULL },
	{ DOC_PROCESS, "\"capabilities\":{\"permitted\":[7]}", "/process/capabilities/permitted/0",
	  "expected a string" },
	{ DOC_PROCESS, "\"capabilities\":{\"permitted\":[\"CAP_KILL\",\"CAP_WARP\"]}",
	  "/process/capabilities/permitted/1", "unknown capability 'CAP_WARP' is ignored" },
	{ DOC_PROCESS, "\"rlimits\":[{\"type\":\"NOFILE\",\"soft\":1,\"hard\":1}]",
	  "/process/rlimits/0/type", "unknown resource limit 'NOFILE'; it is one of RLIMIT_AS" },
	{ DOC_PROCESS, "\"rlimits\":[{\"type\":\"RLIMIT_AS\",\"soft\":1}]",
	  "/process/rlimits/0/hard", "is required" },
	{ DOC_PROCESS, "\"rlimits\":[{\"type\":\"RLIMIT_AS\",\"soft\":-1,\"hard\":1}]",
	  "/process/rlimits/0/soft", "-1 is out of range" },
	{ DOC_PROCESS,
	  "\"rlimits\":[{\"type\":\"RLIMIT_AS\",\"soft\":18446744073709551615,"
	  "\"hard\":18446744073709551615}]",
	  NULL, NULL },
	{ DOC_PROCESS, "\"rlimits\":[7]", "/process/rlimits/0", "expected an object" },
	{ DOC_PROCESS, "\"oomScoreAdj\":1001", "/process/oomScoreAdj", "-1000 to 1000" },
	{ DOC_PROCESS, "\"oomScoreAdj\":-1001", "/process/oomScoreAdj", "-1000 to 1000" },
	{ DOC_PROCESS, "\"scheduler\":{}", "/process/scheduler/policy", "is required" },
	{ DOC_PROCESS, "\"scheduler\":{\"policy\":\"FIFO\",\"priority\":5}",
	  "/process/scheduler/policy",
	  "unknown scheduling policy 'FIFO'; it is one of SCHED_OTHER" },
	{ DOC_PROCESS, "\"scheduler\":{\"policy\":\"SCHED_OTHER\",\"nice\":50}",
	  "/process/scheduler/nice", "-20 to 19" },
	{ DOC_PROCESS, "\"scheduler\":{\"policy\":\"SCHED_OTHER\",\"flags\":[\"X\"]}",
	  "/process/scheduler/flags/0", "unknown scheduler flag 'X'" },
	{ DOC_PROCESS, "\"ioPriority\":{\"class\":\"RT\",\"priority\":1}",
	  "/process/ioPriority/class", "IOPRIO_CLASS_RT, IOPRIO_CLASS_BE, IOPRIO_CLASS_IDLE" },
	{ DOC_PROCESS, "\"ioPriority\":{\"class\":\"IOPRIO_CLASS_RT\",\"priority\":8}",
	  "/process/ioPriority/priority", "0 to 7" },

	/* mounts, hooks, annotations */
	{ DOC_TOP, "\"mounts\":{}", "/mounts", "expected an array, found an object" },
	{ DOC_TOP, "\"mounts\":[7]", "/mounts/0", "expected an object, found a number" },
	{ DOC_TOP, "\"mounts\":[null]", "/mounts/0", "expected an object, found null" },
	{ DOC_TOP, "\"mounts\":[{\"type\":\"proc\"}]", "/mounts/0/destination", "is required" },
	{ DOC_TOP, "\"mounts\":[{\"type\":\"proc\",\"destination\":\"\"}]", "/mounts/0/destination",
	  "is empty" },
	{ DOC_TOP, "\"mounts\":[{\"type\":\"proc\",\"destination\":\"proc\"}]", NULL, NULL },
	{ DOC_MOUNT, "\"type\":7", "/mounts/0/type", "expected a string" },
	{ DOC_MOUNT, "\"type\":\"tmpfs\",\"options\":\"ro\"", "/mounts/0/options",
	  "expected an array, found a string" },
	{ DOC_MOUNT, "\"type\":\"tmpfs\",\"options\":[\"ro\",7]", "/mounts/0/options/1",
	  "expected a string, found a number" },
	{ DOC_MOUNT, "\"type\":\"tmpfs\",\"options\":[\"\"]", "/mounts/0/options/0",
	  "empty mount option" },
	{ DOC_MOUNT, "\"type\":\"tmpfs\",\"options\":[\"nofail\",\"x-a\",\"mode=1777\"]", NULL,
	  NULL },
	{ DOC_MOUNT,
	  "\"source\":\"/s\",\"uidMappings\":[{\"containerID\":0,\"hostID\":0}],"
	  "\"gidMappings\":[{\"containerID\":0,\"hostID\":0,\"size\":1}],"
	  "\"options\":[\"bind\"]",
	  "/mounts/0/uidMappings/0/size", "is required" },
	{ DOC_TOP, "\"hooks\":[]", "/hooks", "expected an object" },
	{ DOC_TOP, "\"hooks\":{\"prestart\":{}}", "/hooks/prestart", "expected an array" },
	{ DOC_TOP, "\"hooks\":{\"prestart\":[{\"args\":[]}]}", "/hooks/prestart/0/path",
	  "is required" },
	{ DOC_TOP, "\"hooks\":{\"poststop\":[{\"path\":\"/x\",\"timeout\":0}]}",
	  "/hooks/poststop/0/timeout", "0 is out of range: 1 to" },
	{ DOC_TOP, "\"hooks\":{\"poststop\":[{\"path\":\"/x\",\"timeout\":-1}]}",
	  "/hooks/poststop/0/timeout", "-1 is out of range: 1 to" },
	{ DOC_TOP, "\"hooks\":{\"createContainer\":[{\"path\":\"/x\",\"env\":[1]}]}",
	  "/hooks/createContainer/0/env/0", "expected a string" },
	{ DOC_TOP, "\"hooks\":{\"neverHeardOf\":7}", NULL, NULL },
	{ DOC_TOP, "\"annotations\":{\"a/b~c\":7}", "/annotations/a~1b~0c", "expected a string" },
	{ DOC_TOP, "\"annotations\":[]", "/annotations", "expected an object" },
	{ DOC_TOP, "\"hostname\":[]", "/hostname", "expected a string, found an array" },

	/* linux */
	{ DOC_HOSTNS, "\"namespaces\":{}", "/linux/namespaces", "expected an array" },
	{ DOC_HOSTNS, "\"namespaces\":[\"pid\"]", "/linux/namespaces/0", "expected an object" },
	{ DOC_HOSTNS, "\"namespaces\":[{}]", "/linux/namespaces/0/type", "is required" },
	{ DOC_HOSTNS, "\"namespaces\":[{\"type\":\"warp\"}]", "/linux/namespaces/0/type",
	  "unknown namespace type 'warp'; it is one of pid, network, mount" },
	{ DOC_HOSTNS, "\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"pid\"}]",
	  "/linux/namespaces/1/type", "listed twice" },
	{ DOC_HOSTNS, "\"namespaces\":[{\"type\":\"pid\",\"path\":\"proc/1/ns/pid\"}]",
	  "/linux/namespaces/0/path", "relative" },
	{ DOC_HOSTNS, "\"namespaces\":[{\"type\":\"pid\",\"path\":\"\"}]", NULL, NULL },
	{ DOC_USERNS, "\"timeOffsets\":{\"realtime\":{\"secs\":1}}", "/linux/timeOffsets/realtime",
	  "unknown key; it is one of monotonic, boottime" },
	{ DOC_HOSTNS,
	  "\"namespaces\":[{\"type\":\"time\"}],\"timeOffsets\":{\"boottime\":"
	  "{\"nanosecs\":1000000000}}",
	  "/linux/timeOffsets/boottime/nanosecs", "0 to 999999999" },
	{ DOC_LINUX, "\"devices\":[{\"path\":\"/dev/x\",\"type\":\"z\"}]", "/linux/devices/0/type",
	  "unknown device type 'z'; it is one of c, b, p, u" },
	{ DOC_LINUX, "\"devices\":[{\"path\":\"/dev/x\",\"type\":\"c\",\"major\":1}]",
	  "/linux/devices/0/minor", "is required for a device of type 'c'" },
	{ DOC_LINUX, "\"devices\":[{\"path\":\"/dev/x\",\"type\":\"p\"}]", NULL, NULL },
	{ DOC_LINUX, "\"devices\":[{\"path\":\"/dev/x\",\"type\":\"b\",\"major\":-1,\"minor\":0}]",
	  "/linux/devices/0/major", "-1 is out of range: 0 to 4095" },
	{ DOC_LINUX,
	  "\"devices\":[{\"path\":\"/dev/x\",\"type\":\"u\",\"major\":1,\"minor\":1048576}]",
	  "/linux/devices/0/minor", "1048576 is out of range: 0 to 1048575" },
	{ DOC_LINUX,
	  "\"devices\":[{\"path\":\"/dev/x\",\"type\":\"c\",\"major\":1,\"minor\":3,"
	  "\"uid\":4294967295}]",
	  "/linux/devices/0/uid", "out of range" },
	{ DOC_LINUX, "\"rootfsPropagation\":\"bogus\"", "/linux/rootfsPropagation",
	  "unknown mount propagation 'bogus'; it is one of shared, slave" },
	{ DOC_LINUX, "\"rootfsPropagation\":\"rslave\"", NULL, NULL },
	{ DOC_LINUX, "\"personality\":{}", "/linux/personality/domain", "is required" },
	{ DOC_LINUX, "\"personality\":{\"domain\":\"BSD\"}", "/linux/personality/domain",
	  "LINUX, LINUX32" },
	{ DOC_LINUX, "\"personality\":{\"domain\":\"LINUX\",\"flags\":[\"X\"]}",
	  "/linux/personality/flags", "no personality flag is defined" },
	{ DOC_LINUX, "\"personality\":{\"domain\":\"LINUX32\",\"flags\":[]}", NULL, NULL },
	{ DOC_LINUX, "\"memoryPolicy\":{\"mode\":\"BIND\",\"nodes\":\"0\"}",
	  "/linux/memoryPolicy/mode", "unknown memory policy mode 'BIND'" },
	{ DOC_LINUX, "\"memoryPolicy\":{\"mode\":\"MPOL_BIND\",\"nodes\":\"0\",\"flags\":[\"X\"]}",
	  "/linux/memoryPolicy/flags/0", "unknown memory policy flag 'X'" },
	{ DOC_LINUX, "\"intelRdt\":{\"enableCMT\":true,\"schemata\":[7]}",
	  "/linux/intelRdt/schemata/0", "expected a string" },
	{ DOC_LINUX, "\"netDevices\":{\"eth0\":7}", "/linux/netDevices/eth0",
	  "expected an object" },
	{ DOC_LINUX, "\"sysctl\":{\"net.x\":1}", "/linux/sysctl/net.x", "expected a string" },
	{ DOC_LINUX, "\"maskedPaths\":[1]", "/linux/maskedPaths/0", "expected a string" },

	/* resources */
	{ DOC_RESOURCES, "\"memory\":{\"limit\":\"1g\"}", "/linux/resources/memory/limit",
	  "expected a number, found a string" },
	{ DOC_RESOURCES, "\"memory\":{\"limit\":-2}", "/linux/resources/memory/limit",
	  "-2 is out of range: -1 to" },
	{ DOC_RESOURCES, "\"memory\":{\"limit\":9223372036854775808}",
	  "/linux/resources/memory/limit", "9223372036854775808 is out of range" },
	{ DOC_RESOURCES, "\"memory\":{\"swappiness\":101}", "/linux/resources/memory/swappiness",
	  "0 to 100" },
	{ DOC_RESOURCES, "\"memory\":{\"useHierarchy\":1}", "/linux/resources/memory/useHierarchy",
	  "expected true or false" },
	{ DOC_RESOURCES, "\"cpu\":{\"shares\":null}", "/linux/resources/cpu/shares", "found null" },
	{ DOC_RESOURCES, "\"cpu\":{\"shares\":-1}", "/linux/resources/cpu/shares", "out of range" },
	{ DOC_RESOURCES, "\"cpu\":{\"idle\":2}", "/linux/resources/cpu/idle", "0 to 1" },
	{ DOC_RESOURCES, "\"pids\":{\"limit\":-2}", "/linux/resources/pids/limit", "-1 to" },
	{ DOC_RESOURCES, "\"pids\":{\"limit\":0}", NULL, NULL },
	{ DOC_RESOURCES, "\"devices\":[{\"access\":\"rwm\"}]", "/linux/resources/devices/0/allow",
	  "is required" },
	{ DOC_RESOURCES, "\"devices\":[{\"allow\":true,\"access\":\"rwx\"}]",
	  "/linux/resources/devices/0/access", "the letters r, w and m" },
	{ DOC_RESOURCES, "\"devices\":[{\"allow\":true,\"type\":\"p\"}]",
	  "/linux/resources/devices/0/type", "a (all), b (block), c (character)" },
	{ DOC_RESOURCES, "\"devices\":[{\"allow\":true,\"type\":null,\"major\":-2}]",
	  "/linux/resources/devices/0/major", "-2 is out of range" },
	{ DOC_RESOURCES, "\"blockIO\":{\"weight\":65536}", "/linux/resources/blockIO/weight",
	  "out of range" },
	{ DOC_RESOURCES, "\"blockIO\":{\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":0}]}",
	  "/linux/resources/blockIO/throttleReadBpsDevice/0/rate", "is required" },
	{ DOC_RESOURCES, "\"blockIO\":{\"weightDevice\":[{\"minor\":0,\"weight\":10}]}",
	  "/linux/resources/blockIO/weightDevice/0/major", "is required" },
	{ DOC_RESOURCES, "\"hugepageLimits\":[{\"pageSize\":\"2MB\"}]",
	  "/linux/resources/hugepageLimits/0/limit", "is required" },
	{ DOC_RESOURCES, "\"network\":{\"priorities\":[{\"name\":\"eth0\"}]}",
	  "/linux/resources/network/priorities/0/priority", "is required" },
	{ DOC_RESOURCES, "\"rdma\":{\"mlx5\":{\"hcaHandles\":-1,\"hcaObjects\":1}}",
	  "/linux/resources/rdma/mlx5/hcaHandles", "out of range" },
	{ DOC_RESOURCES, "\"unified\":{\"memory.high\":1}", "/linux/resources/unified/memory.high",
	  "expected a string" },

	/* seccomp */
	{ DOC_SECCOMP, "\"syscalls\":[]", "/linux/seccomp/defaultAction", "is required" },
	{ DOC_SECCOMP, "\"defaultAction\":null", "/linux/seccomp/defaultAction", "is required" },
	{ DOC_SECCOMP, "\"defaultAction\":\"ALLOW\"", "/linux/seccomp/defaultAction",
	  "unknown seccomp action 'ALLOW'; it is one of SCMP_ACT_KILL" },
	{ DOC_SECCOMP, "\"defaultAction\":\"SCMP_ACT_ALLOW\",\"defaultErrnoRet\":1",
	  "/linux/seccomp/defaultErrnoRet", "SCMP_ACT_ALLOW takes no error number" },
	{ DOC_SECCOMP, "\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":4096",
	  "/linux/seccomp/defaultErrnoRet", "4096 is out of range: 0 to 4095" },
	{ DOC_SECCOMP, "\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":\"EPERM\"",
	  "/linux/seccomp/defaultErrnoRet", "expected a number" },
	{ DOC_SECCOMP, "\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_Z80\"]",
	  "/linux/seccomp/architectures/0", "unknown seccomp architecture 'SCMP_ARCH_Z80'" },
	{ DOC_SECCOMP, "\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":[\"FAST\"]",
	  "/linux/seccomp/flags/0", "unknown seccomp flag 'FAST'" },
	{ DOC_SECCOMP, "\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"read\"]}]",
	  "/linux/seccomp/syscalls/0/action", "is required" },
	{ DOC_SECCOMP,
	  "\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"action\":\"SCMP_ACT_ERRNO\"}]",
	  "/linux/seccomp/syscalls/0/names", "is required" },
	{ DOC_SECCOMP,
	  "\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"a\"],"
	  "\"action\":\"SCMP_ACT_KILL\",\"errnoRet\":1}]",
	  "/linux/seccomp/syscalls/0/errnoRet", "SCMP_ACT_KILL takes no error number" },
	{ DOC_SECCOMP,
	  "\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"a\"],"
	  "\"action\":\"SCMP_ACT_TRACE\",\"errnoRet\":null}]",
	  NULL, NULL },
	{ DOC_SECCOMP,
	  "\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"a\"],"
	  "\"action\":\"SCMP_ACT_ERRNO\",\"args\":[{\"index\":6,\"value\":1,"
	  "\"op\":\"SCMP_CMP_EQ\"}]}]",
	  "/linux/seccomp/syscalls/0/args/0/index", "6 is out of range: 0 to 5" },
	{ DOC_SECCOMP,
	  "\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"a\"],"
	  "\"action\":\"SCMP_ACT_ERRNO\",\"args\":[{\"index\":0,\"value\":1,\"op\":\"==\"}]}]",
	  "/linux/seccomp/syscalls/0/args/0/op", "unknown seccomp operator '=='; it is one of" },
};

static void each_member_is_judged(_unused_ void **state)
{
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++)
		doc_expect(&cases[i]);
}

static void all_faults_are_told_at_once(_unused_ void **state)
{
	struct doc d;

	doc_read(&d, DOC_PROCESS,
		 "\"user\":{\"uid\":\"0\",\"gid\":-1},\"oomScoreAdj\":5000,\n"
		 "\"rlimits\":[{\"type\":\"X\",\"soft\":2,\"hard\":1}],\"env\":[\"A\"]");
	assert_int_equal(d.faults.errors, 5);
	assert_string_equal(d.faults.v[0].pointer, "/process/user/uid");
	assert_string_equal(d.faults.v[1].pointer, "/process/user/gid");
	assert_string_equal(d.faults.v[2].pointer, "/process/oomScoreAdj");
	assert_string_equal(d.faults.v[3].pointer, "/process/rlimits/0/type");
	assert_int_equal(d.faults.v[3].line, 2);
	assert_int_equal(d.faults.v[3].column, 20);
	assert_string_equal(d.faults.v[4].pointer, "/process/env/0");
	doc_done(&d);
}

static size_t read_file(const char *path, char *text, size_t size)
{
	FILE *f = fopen(path, "r");

	if (!f)
		skip();

	size_t n = fread(text, 1, size, f);

	fclose(f);
	return n;
}

static void the_config_of_an_engine_is_read(_unused_ void **state)
{
	static char text[65536];
	size_t n = read_file("tests/data/engine-config.json", text, sizeof(text));
	struct arena a = ARENA_INIT;
	struct faults f = { .arena = &a };
	struct spec s;

	oci_read_spec(text, n, &a, &s, &f);
	assert_int_equal(f.n, 0);
	assert_string_equal(s.oci_version, "1.0.2-dev");
	assert_int_equal(s.process.user.umask, 18);
	assert_string_equal(strv_getenv(&s.process.env, "TERM"), "xterm");
	assert_true(s.process.caps.bounding == s.process.caps.effective);
	assert_int_equal(__builtin_popcountll(s.process.caps.permitted), 11);
	assert_int_equal(s.process.nrlimits, 2);
	assert_true(s.process.rlimits[0].hard == 1048576);
	assert_int_equal(s.nmounts, 10);
	assert_string_equal(s.mounts[3].data, "newinstance,ptmxmode=0666,mode=0620,gid=5");
	assert_int_equal(s.mounts[5].opts.flags, MOPT_BIND);
	assert_true(s.mounts[5].opts.propagation_rec);
	assert_int_equal(s.ns[NS_PID].mode, NS_NEW);
	assert_int_equal(s.ns[NS_USER].mode, NS_INHERIT);
	assert_int_equal(s.resources.pids_limit, 2048);
	assert_int_equal(s.resources.ndevices, 1);
	assert_int_equal(s.resources.devices[0].type, 'a');
	assert_int_equal(s.resources.devices[0].access, DEV_ALL);
	assert_true(s.seccomp.set);
	assert_int_equal(s.seccomp.default_action, 0x00050000 | 38);
	assert_int_equal(s.seccomp.narches, 3);
	assert_int_equal(s.seccomp.arches[2], ARCH_X32);
	assert_int_equal(s.seccomp.rules[0].action, 0x00050000 | 1);
	assert_int_equal(s.masked_paths.n, 11);
	assert_string_equal(spec_annotation(&s, "io.container.manager"), "libpod");
	assert_null(spec_annotation(&s, "none"));
	arena_free(&a);
}

static void process_and_resources_are_read_alone(_unused_ void **state)
{
	static const char process[] = "{\"args\":[\"id\"],\"cwd\":\"/\",\"user\":{\"uid\":7}}";
	static const char resources[] = "{\"memory\":{\"limit\":5},\"cpu\":{\"quota\":5},"
					"\"rdma\":{\"x\":{}}}";
	struct arena a = ARENA_INIT;
	struct faults f = { .arena = &a };
	struct process_spec p;
	struct resources r;

	oci_read_process(process, sizeof(process) - 1, &a, &p, &f);
	assert_int_equal(f.n, 1);
	assert_string_equal(f.v[0].pointer, "/user/gid");
	assert_int_equal(f.v[0].column, 33);
	assert_int_equal(p.user.uid, 7);
	assert_string_equal(p.args.v[0], "id");

	oci_read_resources(resources, sizeof(resources) - 1, &a, &r, &f);
	assert_int_equal(f.n, 3);
	assert_string_equal(f.v[1].pointer, "/cpu/quota");
	assert_string_equal(f.v[2].pointer, "/rdma/x");
	assert_int_equal(r.memory.limit, 5);
	assert_true(r.memory.swap == UNSET_I64);

	oci_read_resources("[]", 2, &a, &r, &f);
	oci_read_process("", 0, &a, &p, &f);
	assert_int_equal(f.errors, 5);
	arena_free(&a);
}

static void every_word_is_read(_unused_ void **state)
{
	for (int l = 0; l < WORDS_COUNT; l++) {
		assert_non_null(word_at((enum word_list)l, 0));
		assert_non_null(words_what((enum word_list)l));
		assert_null(word_at((enum word_list)l, 1000));
		for (unsigned i = 0; word_at((enum word_list)l, i); i++) {
			const char *word = word_at((enum word_list)l, i);
			uint64_t v, again;

			assert_true(word_value((enum word_list)l, word, &v));
			assert_true(word_value((enum word_list)l, word_of((enum word_list)l, v),
					       &again));
			assert_true(v == again);
			for (unsigned j = 0; j < i; j++)
				assert_string_not_equal(word, word_at((enum word_list)l, j));
		}
	}

	uint64_t v;

	assert_false(word_value(WORDS_CAPABILITIES, "cap_kill", &v));
	assert_false(word_value(WORDS_CAPABILITIES, "", &v));
	assert_null(word_of(WORDS_CAPABILITIES, 41));
	assert_string_equal(word_of(WORDS_CAPABILITIES, 40), "CAP_CHECKPOINT_RESTORE");
	assert_string_equal(word_of(WORDS_SECCOMP_ARCHES, ARCH_X32), "SCMP_ARCH_X32");
}

static void hostile_documents_cost_little(_unused_ void **state)
{
	own_buf b = BUF_INIT;
	struct arena a = ARENA_INIT;
	struct faults f = { .arena = &a };
	struct spec s;

	buf_puts(&b, "{\"mounts\":[7");
	for (int i = 0; i < 1000000; i++)
		buf_puts(&b, ",7");
	buf_puts(&b, "]}");
	oci_read_spec(b.data, b.len, &a, &s, &f);
	assert_true(f.errors > 1000000);
	assert_true(f.n < 500);
	arena_free(&a);
}

TEST_GROUP(oci, cmocka_unit_test(each_member_is_judged),
	   cmocka_unit_test(all_faults_are_told_at_once),
	   cmocka_unit_test(the_config_of_an_engine_is_read),
	   cmocka_unit_test(process_and_resources_are_read_alone),
	   cmocka_unit_test(every_word_is_read), cmocka_unit_test(hostile_documents_cost_little));
