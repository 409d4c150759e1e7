/* SPDX-License-Identifier: Apache-2.0 */
/* What the members of config.json mean together. */
#include "tests/unit/t.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "specs/check.h"
#include "specs/oci.h"
#include "tests/unit/oci_doc.h"

#define VERSION(v)                                                                                 \
	"{\"ociVersion\":\"" v "\",\"root\":{\"path\":\"r\"},\"process\":{\"cwd\":\"/\","          \
	"\"args\":[\"a\"]}}"
#define PROC(members)                                                                              \
	"{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"r\"},\"process\":{" members "}}"
#define S64 "0123456789012345678901234567890123456789012345678901234567890123"
#define TMPFS "\"type\":\"tmpfs\",\"options\":"
#define BIND "\"source\":\"/s\",\"options\":"
#define MAP(key, c, h, n) "\"" key "\":[{\"containerID\":" #c ",\"hostID\":" #h ",\"size\":" #n "}]"
#define ERRNO_RULE(names) "{\"names\":[" names "],\"action\":\"SCMP_ACT_ERRNO\"}"
#define NOTIFY_RULE(names) "{\"names\":[" names "],\"action\":\"SCMP_ACT_NOTIFY\"}"
#define ALLOW "\"defaultAction\":\"SCMP_ACT_ALLOW\""

static const struct doc_case cases[] = {
	/* version, root */
	{ DOC_RAW, VERSION("1.0.0"), NULL, NULL },
	{ DOC_RAW, VERSION("1.3.0"), NULL, NULL },
	{ DOC_RAW, VERSION("1.99.0-dev+x.y"), NULL, NULL },
	{ DOC_RAW, VERSION("1.0.0-rc5-dev"), NULL, NULL },
	{ DOC_RAW, VERSION("0.6.0"), NULL, NULL },
	{ DOC_RAW, VERSION("2.0.0"), "/ociVersion", "another major version; 1.x" },
	{ DOC_RAW, VERSION("10.0.0"), "/ociVersion", "another major version" },
	{ DOC_RAW, VERSION("junk"), "/ociVersion", "'junk' is no version" },
	{ DOC_RAW, VERSION(""), "/ociVersion", "is no version" },
	{ DOC_RAW, VERSION("1"), "/ociVersion", "is no version" },
	{ DOC_RAW, VERSION("1.0"), "/ociVersion", "is no version" },
	{ DOC_RAW, VERSION("1.0.2."), "/ociVersion", "is no version" },
	{ DOC_RAW, VERSION("1.01.2"), "/ociVersion", "is no version" },
	{ DOC_RAW, VERSION("1.0.2-"), "/ociVersion", "is no version" },
	{ DOC_RAW, VERSION("1.0.2-a..b"), "/ociVersion", "is no version" },
	{ DOC_RAW, VERSION("1.0.2+a b"), "/ociVersion", "is no version" },
	{ DOC_RAW, VERSION(" 1.0.2"), "/ociVersion", "is no version" },
	{ DOC_RAW, "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"r\"}}", "/process",
	  "is required: process property must not be empty" },
	{ DOC_RAW,
	  "{\"ociVersion\":\"1.0.2\",\"root\":{},\"process\":{\"cwd\":\"/\",\"args\":[\"a\"]}}",
	  "/root/path", "is required" },
	{ DOC_RAW,
	  "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"\"},\"process\":{\"cwd\":\"/"
	  "\",\"args\":[\"a\"]}}",
	  "/root/path", "is required" },

	/* names */
	{ DOC_TOP, "\"hostname\":\"h\",\"domainname\":\"d\"", NULL, NULL },
	{ DOC_TOP, "\"hostname\":\"" S64 "\"", NULL, NULL },
	{ DOC_TOP, "\"hostname\":\"" S64 "x\"", "/hostname", "65 bytes; the kernel takes 64" },
	{ DOC_TOP, "\"domainname\":\"" S64 "x\"", "/domainname", "the kernel takes 64" },
	{ DOC_HOSTNS, "\"namespaces\":[]},\"hostname\":\"h\",\"x\":{", "/hostname",
	  "without a uts namespace" },
	{ DOC_HOSTNS, "\"namespaces\":[]},\"domainname\":\"h\",\"x\":{", "/domainname",
	  "without a uts namespace" },
	{ DOC_HOSTNS,
	  "\"namespaces\":[{\"type\":\"uts\",\"path\":\"/p\"}]},\"hostname\":\"h\",\"x\":{", NULL,
	  NULL },
	{ DOC_TOP, "\"annotations\":{\"\":\"x\"}", "/annotations/", "the key is empty" },

	/* process */
	{ DOC_RAW, PROC("\"cwd\":\"/\",\"args\":[]"), "/process/args", "args must not be empty" },
	{ DOC_RAW, PROC("\"cwd\":\"/\",\"args\":null"), "/process/args", "args must not be empty" },
	{ DOC_RAW, PROC("\"cwd\":\"/\""), "/process/args", "args must not be empty" },
	{ DOC_RAW, PROC("\"cwd\":\"home\",\"args\":[\"a\"]"), "/process/cwd",
	  "Cwd must be an absolute path" },
	{ DOC_RAW, PROC("\"cwd\":\"\",\"args\":[\"a\"]"), "/process/cwd", "must not be empty" },
	{ DOC_PROCESS, "\"env\":[\"A=\",\"B\"]", "/process/env/1",
	  "invalid environment variable: missing '=' in 'B'" },
	{ DOC_PROCESS, "\"env\":[\"\"]", "/process/env/0", "missing '='" },
	{ DOC_PROCESS,
	  "\"rlimits\":[{\"type\":\"RLIMIT_AS\",\"soft\":1,\"hard\":1},"
	  "{\"type\":\"RLIMIT_CPU\",\"soft\":1,\"hard\":1},"
	  "{\"type\":\"RLIMIT_AS\",\"soft\":1,\"hard\":1}]",
	  "/process/rlimits/2/type", "RLIMIT_AS is listed twice" },
	{ DOC_PROCESS,
	  "\"rlimits\":[{\"type\":\"RLIMIT_AS\",\"soft\":18446744073709551615,\"hard\":1}]",
	  "/process/rlimits/0/soft", "18446744073709551615 is above the hard limit 1" },
	{ DOC_PROCESS, "\"capabilities\":{\"ambient\":[\"CAP_KILL\",\"CAP_CHOWN\"]}",
	  "/process/capabilities/ambient", "CAP_CHOWN CAP_KILL: only what is permitted" },
	{ DOC_PROCESS,
	  "\"capabilities\":{\"ambient\":[\"CAP_KILL\"],\"permitted\":[\"CAP_KILL\"],"
	  "\"inheritable\":[\"CAP_KILL\"]}",
	  NULL, NULL },
	{ DOC_PROCESS, "\"capabilities\":{\"effective\":[\"CAP_KILL\"]}",
	  "/process/capabilities/effective", "CAP_KILL: only what is permitted" },
	{ DOC_PROCESS, "\"scheduler\":{\"policy\":\"SCHED_ISO\"}", "/process/scheduler/policy",
	  "in no Linux kernel" },
	{ DOC_PROCESS, "\"scheduler\":{\"policy\":\"SCHED_BATCH\",\"nice\":-20}", NULL, NULL },
	{ DOC_PROCESS, "\"scheduler\":{\"policy\":\"SCHED_FIFO\",\"priority\":1,\"nice\":1}",
	  "/process/scheduler/nice", "SCHED_FIFO has no nice value" },
	{ DOC_PROCESS, "\"scheduler\":{\"policy\":\"SCHED_RR\"}", "/process/scheduler/priority",
	  "SCHED_RR needs a priority from 1 to 99" },
	{ DOC_PROCESS, "\"scheduler\":{\"policy\":\"SCHED_OTHER\",\"priority\":1}",
	  "/process/scheduler/priority", "SCHED_OTHER has no priority" },
	{ DOC_PROCESS, "\"scheduler\":{\"policy\":\"SCHED_OTHER\",\"runtime\":1}",
	  "/process/scheduler", "are for SCHED_DEADLINE alone" },
	{ DOC_PROCESS, "\"scheduler\":{\"policy\":\"SCHED_DEADLINE\",\"runtime\":1}",
	  "/process/scheduler", "needs runtime and deadline" },
	{ DOC_PROCESS,
	  "\"scheduler\":{\"policy\":\"SCHED_DEADLINE\",\"runtime\":3,\"deadline\":2,\"period\":4}",
	  "/process/scheduler", "runtime <= deadline <= period, not 3, 2, 4" },
	{ DOC_PROCESS, "\"scheduler\":{\"policy\":\"SCHED_DEADLINE\",\"runtime\":1,\"deadline\":2}",
	  NULL, NULL },
	{ DOC_PROCESS, "\"execCPUAffinity\":{\"initial\":\"0-3,7\",\"final\":\"1\"}", NULL, NULL },
	{ DOC_PROCESS, "\"execCPUAffinity\":{\"initial\":\"3-0\"}",
	  "/process/execCPUAffinity/initial", "no list of processors" },
	{ DOC_PROCESS, "\"execCPUAffinity\":{\"final\":\"0,\"}", "/process/execCPUAffinity/final",
	  "no list of processors" },
	{ DOC_PROCESS, "\"execCPUAffinity\":{\"final\":\"all\"}", "/process/execCPUAffinity/final",
	  "no list of processors" },

	/* mounts */
	{ DOC_TOP, "\"mounts\":[{\"destination\":\"/a/../b\",\"type\":\"tmpfs\"}]",
	  "/mounts/0/destination", "has a \"..\" in it" },
	{ DOC_TOP, "\"mounts\":[{\"destination\":\"../b\",\"type\":\"tmpfs\"}]",
	  "/mounts/0/destination", "has a \"..\" in it" },
	{ DOC_TOP, "\"mounts\":[{\"destination\":\"/a..b/...\",\"type\":\"tmpfs\"}]", NULL, NULL },
	{ DOC_MOUNT, "\"options\":[\"bind\"]", "/mounts/0/source", "is required for a bind mount" },
	{ DOC_MOUNT, "\"options\":[\"bind\",\"remount\",\"ro\"]", NULL, NULL },
	{ DOC_MOUNT, BIND "[\"rbind\",\"rprivate\",\"ro\",\"rro\"]", NULL, NULL },
	{ DOC_MOUNT, BIND "[\"ro\"],\"type\":\"bind\"", "/mounts/0/options",
	  "no option says \"bind\"" },
	{ DOC_MOUNT, BIND "[\"ro\"]", "/mounts/0/type", "is required" },
	{ DOC_MOUNT, "\"type\":\"none\",\"options\":[\"ro\"]", "/mounts/0/type", "is required" },
	{ DOC_MOUNT, "\"options\":[\"rshared\"]", NULL, NULL },
	{ DOC_MOUNT, BIND "[\"bind\",\"size=1m\",\"z\"]", "/mounts/0/options",
	  "bind mounts cannot have any filesystem-specific options applied; remove 'size=1m,z'" },
	{ DOC_MOUNT, TMPFS "[\"tmpcopyup\"]", NULL, NULL },
	{ DOC_MOUNT, BIND "[\"bind\",\"tmpcopyup\"]", "/mounts/0/options", "fills a new tmpfs" },
	{ DOC_MOUNT, "\"type\":\"proc\",\"options\":[\"tmpcopyup\"]", "/mounts/0/options",
	  "fills a new tmpfs" },
	{ DOC_MOUNT, TMPFS "[\"remount\",\"tmpcopyup\"]", "/mounts/0/options", "a remount" },
	{ DOC_MOUNT, TMPFS "[\"copy-symlink\"]", "/mounts/0/options", "source of a bind mount" },
	{ DOC_MOUNT, TMPFS "[\"src-nofollow\"]", "/mounts/0/options", "source of a bind mount" },
	{ DOC_MOUNT, BIND "[\"bind\",\"copy-symlink\",\"src-nofollow\"]", "/mounts/0/options",
	  "keep one" },
	{ DOC_MOUNT, BIND "[\"bind\",\"ro\",\"rrw\"]", "/mounts/0/options", "takes away" },
	{ DOC_MOUNT, BIND "[\"bind\",\"noatime\",\"rrelatime\"]", NULL, NULL },
	{ DOC_MOUNT, BIND "[\"bind\",\"idmap\"]", "/mounts/0/options",
	  "id-mapped mounts must have both uid and gid mappings specified" },
	{ DOC_USERNS,
	  "\"x\":1},\"mounts\":[{\"destination\":\"/m\",\"source\":\"/s\",\"options\":"
	  "[\"rbind\",\"ridmap\"]}],\"y\":{",
	  NULL, NULL },
	{ DOC_MOUNT, BIND "[\"bind\"]," MAP("uidMappings", 0, 1, 1), "/mounts/0/gidMappings",
	  "both uid and gid mappings" },
	{ DOC_MOUNT, BIND "[\"bind\"]," MAP("gidMappings", 0, 1, 1), "/mounts/0/uidMappings",
	  "both uid and gid mappings" },
	{ DOC_MOUNT, BIND "[\"bind\"]," MAP("gidMappings", 0, 1, 1) "," MAP("uidMappings", 0, 1, 1),
	  NULL, NULL },
	{ DOC_MOUNT, TMPFS "[\"ro\"]," MAP("gidMappings", 0, 1, 1) "," MAP("uidMappings", 0, 1, 1),
	  "/mounts/0/options", "only bind mounts can be id-mapped" },
	{ DOC_MOUNT,
	  BIND
	  "[\"bind\",\"remount\"]," MAP("gidMappings", 0, 1, 1) "," MAP("uidMappings", 0, 1, 1),
	  "/mounts/0/options", "\"remount\" cannot map ids" },
	{ DOC_MOUNT,
	  BIND "[\"bind\"]," MAP("gidMappings", 0, 1, 1) "," MAP("uidMappings", 0, 4294967294, 9),
	  "/mounts/0/uidMappings/0/size", "beyond the last id" },

	/* hooks */
	{ DOC_TOP, "\"hooks\":{\"createRuntime\":[{\"path\":\"bin/x\"}]}",
	  "/hooks/createRuntime/0/path", "'bin/x' is not absolute" },
	{ DOC_TOP, "\"hooks\":{\"prestart\":[{\"path\":\"\"}]}", "/hooks/prestart/0/path",
	  "not absolute" },
	{ DOC_TOP, "\"hooks\":{\"poststart\":[{\"path\":\"/x\",\"env\":[\"A\"]}]}",
	  "/hooks/poststart/0/env/0", "missing '='" },
	{ DOC_TOP, "\"hooks\":{\"poststart\":[{\"path\":\"/x\",\"env\":[],\"timeout\":1}]}", NULL,
	  NULL },

	/* namespaces and ids */
	{ DOC_HOSTNS, "\"namespaces\":[]", NULL, NULL },
	{ DOC_HOSTNS, "\"maskedPaths\":[\"/proc/x\"]", "/linux/maskedPaths",
	  "unable to restrict sys entries without a private MNT namespace" },
	{ DOC_HOSTNS, "\"readonlyPaths\":[\"/proc/x\"]", "/linux/readonlyPaths",
	  "unable to restrict sys entries without a private MNT namespace" },
	{ DOC_HOSTNS, "\"rootfsPropagation\":\"shared\"", "/linux/rootfsPropagation",
	  "needs a mount namespace" },
	{ DOC_HOSTNS, "\"x\":1},\"mounts\":[{\"destination\":\"/m\",\"type\":\"tmpfs\"}],\"y\":{",
	  "/mounts", "needs a mount namespace" },
	{ DOC_RAW,
	  "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"r\",\"readonly\":true},\"process\":"
	  "{\"cwd\":\"/\",\"args\":[\"a\"]}}",
	  "/root/readonly", "needs a mount namespace" },
	{ DOC_LINUX, MAP("uidMappings", 0, 0, 1), "/linux/uidMappings",
	  "means nothing without a user namespace" },
	{ DOC_LINUX, MAP("gidMappings", 0, 0, 1), "/linux/gidMappings",
	  "means nothing without a user namespace" },
	{ DOC_HOSTNS, "\"namespaces\":[{\"type\":\"user\"}]," MAP("gidMappings", 0, 5, 9),
	  "/linux/uidMappings", "user namespaces enabled, but no uid mappings found" },
	{ DOC_HOSTNS, "\"namespaces\":[{\"type\":\"user\"}]," MAP("uidMappings", 0, 5, 9),
	  "/linux/gidMappings", "user namespaces enabled, but no gid mappings found" },
	{ DOC_HOSTNS, "\"namespaces\":[{\"type\":\"user\",\"path\":\"/p\"}]", NULL, NULL },
	{ DOC_HOSTNS,
	  "\"namespaces\":[{\"type\":\"user\",\"path\":\"/p\"}]," MAP("uidMappings", 0, 5, 9), NULL,
	  NULL },
	{ DOC_HOSTNS,
	  "\"namespaces\":[{\"type\":\"user\"}]," MAP("uidMappings", 0, 5, 9) "," MAP("gidMappings",
										      1, 5, 9),
	  "/process/user/gid", "gid 0 is not mapped in the user namespace" },
	{ DOC_USERNS,
	  "\"x\":1},\"process\":{\"user\":{\"uid\":10,\"gid\":0},\"cwd\":\"/\"},\"y\":{", "",
	  "once" },
	{ DOC_HOSTNS,
	  "\"namespaces\":[{\"type\":\"user\"}],\"gidMappings\":[{\"containerID\":0,\"hostID\":0,"
	  "\"size\":5},{\"containerID\":4,\"hostID\":100,\"size\":5}]," MAP("uidMappings", 0, 5, 9),
	  "/linux/gidMappings/1/containerID", "overlaps with line 0" },
	{ DOC_HOSTNS,
	  "\"namespaces\":[{\"type\":\"user\"}],\"gidMappings\":[{\"containerID\":0,\"hostID\":9,"
	  "\"size\":5},{\"containerID\":5,\"hostID\":5,\"size\":5}]," MAP("uidMappings", 0, 5, 9),
	  "/linux/gidMappings/1/hostID", "overlaps with line 0" },
	{ DOC_HOSTNS,
	  "\"namespaces\":[{\"type\":\"user\"}],\"gidMappings\":[{\"containerID\":0,\"hostID\":9,"
	  "\"size\":5},{\"containerID\":5,\"hostID\":4,\"size\":5}]," MAP("uidMappings", 0, 5, 9),
	  NULL, NULL },
	{ DOC_HOSTNS,
	  "\"namespaces\":[{\"type\":\"user\"}],\"gidMappings\":[{\"containerID\":0,\"hostID\":9,"
	  "\"size\":5},{\"containerID\":5,\"hostID\":4,\"size\":0}]," MAP("uidMappings", 0, 5, 9),
	  "/linux/gidMappings/1/size", "0 is out of range: 1 to" },
	{ DOC_HOSTNS,
	  "\"namespaces\":[{\"type\":\"user\"}]," MAP("gidMappings", 0, 0, 4294967295) "," MAP(
		  "uidMappings", 0, 0, 4294967295),
	  NULL, NULL },
	{ DOC_HOSTNS,
	  "\"namespaces\":[{\"type\":\"user\"}]," MAP("gidMappings", 0, 1, 4294967295) "," MAP(
		  "uidMappings", 0, 0, 4294967295),
	  "/linux/gidMappings/0/size", "beyond the last id" },
	{ DOC_LINUX, "\"timeOffsets\":{\"boottime\":{\"secs\":1}}", "/linux/timeOffsets",
	  "means nothing without a time namespace" },
	{ DOC_LINUX, "\"timeOffsets\":{}", NULL, NULL },
	{ DOC_HOSTNS,
	  "\"namespaces\":[{\"type\":\"time\",\"path\":\"/p\"}],\"timeOffsets\":{\"monotonic\":{}}",
	  "/linux/timeOffsets", "that is joined" },
	{ DOC_HOSTNS,
	  "\"namespaces\":[{\"type\":\"time\"}],\"timeOffsets\":{\"monotonic\":{\"secs\":-5}}",
	  NULL, NULL },

	/* devices, network, paths */
	{ DOC_LINUX, "\"devices\":[{\"path\":\"dev/x\",\"type\":\"p\"}]", "/linux/devices/0/path",
	  "'dev/x' is not absolute" },
	{ DOC_LINUX, "\"devices\":[{\"path\":\"/dev/../x\",\"type\":\"p\"}]",
	  "/linux/devices/0/path", "has a \"..\"" },
	{ DOC_LINUX, "\"netDevices\":{\"eth0\":{},\"eth1\":{\"name\":\"veth%d\"}}", NULL, NULL },
	{ DOC_LINUX, "\"netDevices\":{\"0123456789abcdef\":{}}",
	  "/linux/netDevices/0123456789abcdef", "1 to 15 characters" },
	{ DOC_LINUX, "\"netDevices\":{\"a/b\":{}}", "/linux/netDevices/a~1b", "1 to 15" },
	{ DOC_LINUX, "\"netDevices\":{\"..\":{}}", "/linux/netDevices/..", "1 to 15" },
	{ DOC_LINUX, "\"netDevices\":{\"eth0\":{\"name\":\"a b\"}}", "/linux/netDevices/eth0",
	  "'a b' is none" },
	{ DOC_LINUX, "\"netDevices\":{\"eth0\":{},\"eth1\":{\"name\":\"eth0\"}}",
	  "/linux/netDevices/eth1", "second one named 'eth0'" },
	{ DOC_HOSTNS, "\"netDevices\":{\"eth0\":{}}", "/linux/netDevices",
	  "without a network namespace" },
	{ DOC_LINUX, "\"maskedPaths\":[\"/proc/a\",\"proc/b\"]", "/linux/maskedPaths/1",
	  "not absolute" },
	{ DOC_LINUX, "\"readonlyPaths\":[\"\"]", "/linux/readonlyPaths/0", "not absolute" },
	{ DOC_LINUX, "\"readonlyPaths\":[\"/proc/../etc\"]", "/linux/readonlyPaths/0", "\"..\"" },
	{ DOC_LINUX, "\"cgroupsPath\":\"/a/../../b\"", "/linux/cgroupsPath", "\"..\"" },
	{ DOC_LINUX, "\"cgroupsPath\":\"user.slice:berth:c1\"", NULL, NULL },
	{ DOC_LINUX, "\"intelRdt\":{\"closID\":\"a/b\"}", "/linux/intelRdt/closID",
	  "no name of a class" },
	{ DOC_LINUX, "\"intelRdt\":{\"closID\":\"..\"}", "/linux/intelRdt/closID",
	  "no name of a class" },
	{ DOC_LINUX, "\"intelRdt\":{\"closID\":\"/\",\"memBwSchema\":\"MB:0=10\"}", NULL, NULL },
	{ DOC_LINUX, "\"intelRdt\":{\"memBwSchema\":\"L3:0=10\"}", "/linux/intelRdt/memBwSchema",
	  "\"MB:\"" },
	{ DOC_LINUX, "\"intelRdt\":{\"memBwSchema\":\"MB:0=1\\nL3:0=1\"}",
	  "/linux/intelRdt/memBwSchema", "line break" },
	{ DOC_LINUX, "\"intelRdt\":{\"l3CacheSchema\":\"a\\n\"}", "/linux/intelRdt/l3CacheSchema",
	  "line break" },
	{ DOC_LINUX, "\"intelRdt\":{\"schemata\":[\"a\",\"b\\n\"]}", "/linux/intelRdt/schemata/1",
	  "line break" },
	{ DOC_LINUX, "\"memoryPolicy\":{\"mode\":\"MPOL_BIND\"}", "/linux/memoryPolicy/nodes",
	  "is required with MPOL_BIND" },
	{ DOC_LINUX, "\"memoryPolicy\":{\"mode\":\"MPOL_LOCAL\",\"nodes\":\"0\"}",
	  "/linux/memoryPolicy/nodes", "MPOL_LOCAL takes no nodes" },
	{ DOC_LINUX, "\"memoryPolicy\":{\"mode\":\"MPOL_PREFERRED\"}", NULL, NULL },
	{ DOC_LINUX, "\"memoryPolicy\":{\"mode\":\"MPOL_BIND\",\"nodes\":\"x\"}",
	  "/linux/memoryPolicy/nodes", "no list of nodes" },
	{ DOC_LINUX,
	  "\"memoryPolicy\":{\"mode\":\"MPOL_BIND\",\"nodes\":\"0\",\"flags\":"
	  "[\"MPOL_F_STATIC_NODES\",\"MPOL_F_RELATIVE_NODES\"]}",
	  "/linux/memoryPolicy/flags", "exclude each other" },

	/* sysctl */
	{ DOC_LINUX,
	  "\"sysctl\":{\"net.ipv4.ip_forward\":\"1\",\"net/ipv4/conf/e.1/x\":\"1\","
	  "\"kernel.shmmax\":\"1\",\"fs.mqueue.msg_max\":\"1\",\"kernel.domainname\":\"x\"}",
	  NULL, NULL },
	{ DOC_USERNS, "\"sysctl\":{\"user.max_user_namespaces\":\"1\"}", NULL, NULL },
	{ DOC_LINUX, "\"sysctl\":{\"user.max_user_namespaces\":\"1\"}",
	  "/linux/sysctl/user.max_user_namespaces", "add a namespace of type user" },
	{ DOC_HOSTNS, "\"sysctl\":{\"net/x\":\"1\"}", "/linux/sysctl/net~1x",
	  "a namespace of type network" },
	{ DOC_HOSTNS, "\"sysctl\":{\"kernel.sem\":\"1\"}", "/linux/sysctl/kernel.sem",
	  "a namespace of type ipc" },
	{ DOC_LINUX, "\"sysctl\":{\"kernel.hostname\":\"x\"}", "/linux/sysctl/kernel.hostname",
	  "set /hostname instead" },
	{ DOC_LINUX, "\"sysctl\":{\"kernel.pid_max\":\"9\"}", "/linux/sysctl/kernel.pid_max",
	  "not in a separate kernel namespace" },
	{ DOC_LINUX, "\"sysctl\":{\"kernel.shmmax2\":\"9\"}", "/linux/sysctl/kernel.shmmax2",
	  "not in a separate kernel namespace" },
	{ DOC_LINUX, "\"sysctl\":{\"net/../kernel/x\":\"9\"}", "/linux/sysctl/net~1..~1kernel~1x",
	  "is no name of a sysctl" },
	{ DOC_LINUX, "\"sysctl\":{\"\":\"9\"}", "/linux/sysctl/", "is no name of a sysctl" },

	/* seccomp */
	{ DOC_SECCOMP, ALLOW ",\"syscalls\":[" ERRNO_RULE("") "]",
	  "/linux/seccomp/syscalls/0/names", "at least one system call" },
	{ DOC_SECCOMP, "\"defaultAction\":\"SCMP_ACT_NOTIFY\",\"listenerPath\":\"/s\"",
	  "/linux/seccomp/defaultAction", "cannot be used as default action" },
	{ DOC_SECCOMP, ALLOW ",\"syscalls\":[" NOTIFY_RULE("\"mount\"") "]",
	  "/linux/seccomp/listenerPath", "is required with SCMP_ACT_NOTIFY" },
	{ DOC_SECCOMP, ALLOW ",\"listenerPath\":\"/s\",\"syscalls\":[" NOTIFY_RULE("\"mount\"") "]",
	  NULL, NULL },
	{ DOC_SECCOMP,
	  ALLOW ",\"listenerPath\":\"/s\",\"syscalls\":[" NOTIFY_RULE("\"read\",\"write\"") "]",
	  "/linux/seccomp/syscalls/0/names", "cannot be used for the write syscall" },
	{ DOC_SECCOMP, ALLOW ",\"listenerMetadata\":\"x\"", "/linux/seccomp/listenerMetadata",
	  "listenerPath is missing" },

	/* resources */
	{ DOC_RESOURCES, "\"memory\":{\"limit\":10,\"swap\":9}", "/linux/resources/memory/swap",
	  "memory and swap together" },
	{ DOC_RESOURCES, "\"memory\":{\"limit\":10,\"swap\":-1,\"reservation\":10}", NULL, NULL },
	{ DOC_RESOURCES, "\"memory\":{\"limit\":10,\"reservation\":11}",
	  "/linux/resources/memory/reservation", "above the limit 10" },
	{ DOC_RESOURCES, "\"cpu\":{\"quota\":999}", "/linux/resources/cpu/quota", "at least 1000" },
	{ DOC_RESOURCES, "\"cpu\":{\"quota\":-1,\"period\":0}", NULL, NULL },
	{ DOC_RESOURCES, "\"cpu\":{\"period\":999}", "/linux/resources/cpu/period",
	  "1000 to 1000000" },
	{ DOC_RESOURCES, "\"cpu\":{\"period\":1000001}", "/linux/resources/cpu/period",
	  "1000 to 1000000" },
	{ DOC_RESOURCES, "\"cpu\":{\"quota\":1000,\"burst\":1001}", "/linux/resources/cpu/burst",
	  "above the quota 1000" },
	{ DOC_RESOURCES, "\"cpu\":{\"realtimeRuntime\":2,\"realtimePeriod\":1}",
	  "/linux/resources/cpu/realtimeRuntime", "above the period 1" },
	{ DOC_RESOURCES, "\"cpu\":{\"cpus\":\"0-\"}", "/linux/resources/cpu/cpus",
	  "no list of processors" },
	{ DOC_RESOURCES, "\"cpu\":{\"mems\":\"a\"}", "/linux/resources/cpu/mems",
	  "no list of memory nodes" },
	{ DOC_RESOURCES, "\"blockIO\":{\"weight\":9}", "/linux/resources/blockIO/weight",
	  "10 to 1000" },
	{ DOC_RESOURCES, "\"blockIO\":{\"leafWeight\":1001}", "/linux/resources/blockIO/leafWeight",
	  "10 to 1000" },
	{ DOC_RESOURCES, "\"blockIO\":{\"weight\":0}", NULL, NULL },
	{ DOC_RESOURCES, "\"blockIO\":{\"weightDevice\":[{\"major\":8,\"minor\":0}]}",
	  "/linux/resources/blockIO/weightDevice/0", "neither weight nor leafWeight" },
	{ DOC_RESOURCES, "\"blockIO\":{\"weightDevice\":[{\"major\":8,\"minor\":0,\"weight\":5}]}",
	  "/linux/resources/blockIO/weightDevice/0/weight", "10 to 1000" },
	{ DOC_RESOURCES, "\"hugepageLimits\":[{\"pageSize\":\"2M\",\"limit\":1}]",
	  "/linux/resources/hugepageLimits/0/pageSize", "'2M' is no page size" },
	{ DOC_RESOURCES, "\"hugepageLimits\":[{\"pageSize\":\"../xMB\",\"limit\":1}]",
	  "/linux/resources/hugepageLimits/0/pageSize", "is no page size" },
	{ DOC_RESOURCES, "\"hugepageLimits\":[{\"pageSize\":\"0MB\",\"limit\":1}]",
	  "/linux/resources/hugepageLimits/0/pageSize", "is no page size" },
	{ DOC_RESOURCES,
	  "\"hugepageLimits\":[{\"pageSize\":\"1GB\",\"limit\":18446744073709551615},"
	  "{\"pageSize\":\"1GB\",\"limit\":0}]",
	  "/linux/resources/hugepageLimits/1/pageSize", "listed twice" },
	{ DOC_RESOURCES, "\"rdma\":{\"mlx5\":{}}", "/linux/resources/rdma/mlx5",
	  "neither hcaHandles nor hcaObjects" },
	{ DOC_RESOURCES, "\"unified\":{\"memory.high\":\"1\",\"a.b.c\":\"\"}", NULL, NULL },
	{ DOC_RESOURCES, "\"unified\":{\"../memory.high\":\"1\"}",
	  "/linux/resources/unified/..~1memory.high", "has a '/'" },
	{ DOC_RESOURCES, "\"unified\":{\"memory\":\"1\"}", "/linux/resources/unified/memory",
	  "no file of a controller" },
	{ DOC_RESOURCES, "\"unified\":{\"..\":\"1\"}", "/linux/resources/unified/..",
	  "no file of a controller" },
	{ DOC_RESOURCES, "\"network\":{\"priorities\":[{\"name\":\"\",\"priority\":1}]}",
	  "/linux/resources/network/priorities/0/name", "name of an interface" },
};

static void each_rule_is_judged(_unused_ void **state)
{
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++)
		doc_expect(&cases[i]);
}

static void unmapped_ids_are_found(_unused_ void **state)
{
	static const char text[] =
		"{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"r\"},\"process\":{\"cwd\":\"/\","
		"\"args\":[\"a\"],\"user\":{\"uid\":10,\"gid\":9,\"additionalGids\":[3,77]}},"
		"\"linux\":{\"namespaces\":[{\"type\":\"user\"}]," MAP(
			"uidMappings", 0, 5, 10) "," MAP("gidMappings", 0, 5, 10) "}}";
	struct doc d;

	doc_read(&d, DOC_RAW, text);
	assert_int_equal(d.faults.n, 2);
	assert_string_equal(d.faults.v[0].pointer, "/process/user/uid");
	assert_string_equal(d.faults.v[0].text, "uid 10 is not mapped in the user namespace; add "
						"it to /linux/uidMappings");
	assert_string_equal(d.faults.v[1].pointer, "/process/user/additionalGids/1");
	doc_done(&d);
}

static void too_many_map_lines_are_refused(_unused_ void **state)
{
	own_buf b = BUF_INIT;
	struct doc d;

	buf_puts(&b, "\"namespaces\":[{\"type\":\"user\"}]," MAP("gidMappings", 0, 5,
								 10) ",\"uidMappings\":[");
	for (int i = 0; i < 341; i++)
		buf_printf(&b, "%s{\"containerID\":%d,\"hostID\":%d,\"size\":1}", i ? "," : "", i,
			   i);
	buf_puts(&b, "]");
	doc_read(&d, DOC_HOSTNS, b.data);
	assert_int_equal(d.faults.n, 1);
	assert_string_equal(d.faults.v[0].text, "341 lines are too many; the kernel takes 340");
	doc_done(&d);
}

/* what comes from the command line has had no reader before it */
static void a_spec_made_by_hand_is_judged_too(_unused_ void **state)
{
	struct arena a = ARENA_INIT;
	struct faults f = { .arena = &a };
	struct process_spec p;
	struct spec s;

	process_init(&p);
	strv_add(&p.args, &a, "id");
	p.cwd = "/";
	p.user.uid = (uid_t)-1;
	p.user.gid = (gid_t)-1;
	p.oom_score_adj = 1001;
	process_check(&p, "/process", &f);
	assert_int_equal(f.errors, 3);
	assert_string_equal(f.v[0].pointer, "/process/user/uid");
	assert_string_equal(f.v[0].text, "4294967295 is no user id; 0 to 4294967294 are");

	f.n = f.errors = 0;
	spec_init(&s);
	spec_check(&s, &f);
	assert_int_equal(f.errors, 3);
	assert_string_equal(f.v[0].pointer, "/ociVersion");
	assert_string_equal(f.v[1].pointer, "/root/path");
	assert_string_equal(f.v[2].pointer, "/process");
	arena_free(&a);
}

static void the_default_is_faultless(_unused_ void **state)
{
	for (int rootless = 0; rootless < 2; rootless++) {
		struct arena a = ARENA_INIT;
		struct faults f = { .arena = &a };
		struct spec s;

		spec_default(&a, &s, rootless);
		spec_check(&s, &f);
		assert_int_equal(f.n, 0);
		arena_free(&a);
	}
}

TEST_GROUP(check, cmocka_unit_test(each_rule_is_judged), cmocka_unit_test(unmapped_ids_are_found),
	   cmocka_unit_test(too_many_map_lines_are_refused),
	   cmocka_unit_test(a_spec_made_by_hand_is_judged_too),
	   cmocka_unit_test(the_default_is_faultless));
