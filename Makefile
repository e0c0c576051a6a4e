# Tollgate. `make` builds the programs in build/; `make run` starts everything; `make test` proves it.
# SAN=1 builds with AddressSanitizer and UBSan into build/san, SAN=thread with ThreadSanitizer into build/tsan, both beside
# the normal build.

PREFIX ?= /usr/local
VERSION := 0.1.0

ifneq ($(filter-out 0 1 thread,$(SAN)),)
$(error SAN=$(SAN): it is 1 or thread)
endif
ifeq ($(SAN),1)
OUT := build/san
BIN := build/san
else ifeq ($(SAN),thread)
OUT := build/tsan
BIN := build/tsan
else
OUT := build/out
BIN := build
endif

CC ?= cc
AR ?= ar
PKGS := libcurl libssl libcrypto libpq libcjson
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wwrite-strings -Wcast-qual -Wundef -Wvla -Wformat=2 -Wswitch-enum -Wnull-dereference
HARDEN := -fstack-protector-strong -fstack-clash-protection -fcf-protection
WISHES := -ftrivial-auto-var-init=zero
ifeq ($(FUZZING),1)
OPT := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
else ifeq ($(SAN),1)
OPT := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
else ifeq ($(SAN),thread)
OPT := -O2 -g -fsanitize=thread -fno-omit-frame-pointer
else
OPT := -O2 -g -D_FORTIFY_SOURCE=3 $(HARDEN)
endif
# Recursive on purpose: the compiler and pkg-config may only be there after `dev/packages` ran.
probed = $(eval probed := $(foreach f,$(WISHES),$(shell echo 'int x;' | $(CC) -Werror $(f) -xc -c -o /dev/null - 2>/dev/null && echo $(f))))$(probed)
pkg_cflags = $(eval pkg_cflags := $(shell pkg-config --cflags $(PKGS)))$(pkg_cflags)
pkg_libs = $(eval pkg_libs := $(shell pkg-config --libs $(PKGS)) -lfcgi -lpthread)$(pkg_libs)
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE $(WARN) $(if $(CI),-Werror) $(OPT) $(probed) -fPIE -pthread \
	-I. -I$(OUT)/gen -DTOLLGATE_VERSION='"$(VERSION)"' $(pkg_cflags) $(CFLAGS)
ALL_LDFLAGS = $(OPT) -pie -pthread -Wl,-z,relro,-z,now $(LDFLAGS)

# A folder is an archive. fcgi's files that know no route are the web core, which the sandbox links too.
CORE := form listen reply request route template template_compile template_dir template_html template_tag worker
MAINS := fcgi/main.c meter/main.c sandbox/main.c cli/main.c
base_SRC := $(wildcard base/*.c)
aws_SRC := $(wildcard aws/*.c)
db_SRC := $(wildcard db/*.c)
core_SRC := $(CORE:%=fcgi/%.c)
fcgi_SRC := $(filter-out $(core_SRC) $(MAINS),$(wildcard fcgi/*.c)) $(OUT)/gen/fcgi_queries.c
meter_SRC := $(filter-out $(MAINS),$(wildcard meter/*.c)) $(OUT)/gen/meter_queries.c
sandbox_SRC := $(filter-out $(MAINS),$(wildcard sandbox/*.c)) $(OUT)/gen/sandbox_queries.c
cli_SRC := $(filter-out $(MAINS),$(wildcard cli/*.c)) $(OUT)/gen/cli_queries.c
LIBS := base aws db core fcgi meter sandbox cli
obj = $(patsubst %.c,$(OUT)/%.o,$(patsubst $(OUT)/%,%,$(1)))
archives = $(1:%=$(OUT)/lib%.a)

PROGRAMS := $(BIN)/tollgate-fcgi $(BIN)/tollgate-meter $(BIN)/tollgate-sandbox $(BIN)/tollgate
all: $(PROGRAMS)

define archive
$(OUT)/lib$(1).a: $(call obj,$($(1)_SRC))
	@rm -f $$@
	$$(AR) rcs $$@ $$^
endef
$(foreach lib,$(LIBS),$(eval $(call archive,$(lib))))

$(BIN)/tollgate-fcgi: $(OUT)/fcgi/main.o $(call archives,fcgi core db aws base)
$(BIN)/tollgate-meter: $(OUT)/meter/main.o $(call archives,meter db aws base)
$(BIN)/tollgate-sandbox: $(OUT)/sandbox/main.o $(call archives,sandbox core db aws base)
$(BIN)/tollgate: $(OUT)/cli/main.o $(call archives,cli db aws base)
$(PROGRAMS):
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(pkg_libs)

$(OUT)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<
$(OUT)/gen/%.o: $(OUT)/gen/%.c
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# One statement a file; the enum, the texts and the prepared statements come from the one list.
.SECONDEXPANSION:
$(OUT)/gen/%_queries.c $(OUT)/gen/%_queries.h: sql/embed.awk sql/queries/% $$(wildcard sql/queries/$$*/*.sql \
		sql/migrations/*.sql sql/sandbox/migrations/*.sql)
	@mkdir -p $(OUT)/gen
	awk -f sql/embed.awk -v list=$* -v part=.h $(filter %.sql,$^) > $(OUT)/gen/$*_queries.h.new
	awk -f sql/embed.awk -v list=$* -v part=.c $(filter %.sql,$^) > $(OUT)/gen/$*_queries.c.new
	@for part in h c; do mv $(OUT)/gen/$*_queries.$$part.new $(OUT)/gen/$*_queries.$$part; done
generated = $(foreach list,fcgi meter sandbox cli,$(OUT)/gen/$(list)_queries.h)
$(foreach s,$(wildcard fcgi/*.c meter/*.c sandbox/*.c cli/*.c),$(call obj,$(s))): | $$(generated)

# Unit tests: tests/unit/test_X.c, each a cmocka program that prints TAP.
UNIT := $(patsubst tests/unit/%.c,$(OUT)/tests/unit/%,$(wildcard tests/unit/test_*.c))
$(UNIT): $(OUT)/tests/unit/%: $(OUT)/tests/unit/%.o $(call archives,cli sandbox fcgi meter core db aws base)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(pkg_libs) -lcmocka
$(UNIT:%=%.o): | $$(generated)

# aws/sigv4 for tests/signing.t, which asks other signers about the same requests.
SIGN := $(OUT)/tests/signing/sign
$(SIGN): $(SIGN).o $(call archives,aws base)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(pkg_libs)

# tollgate-meter that can be killed at a named point and need not wait, for the end-to-end tests.
KILL_AT := $(OUT)/tests/e2e/kill_at
$(KILL_AT): $(KILL_AT).o $(OUT)/meter/main.o $(call archives,meter db aws base)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -Wl,--wrap=db_run,--wrap=db_send,--wrap=db_receive -o $@ $^ $(pkg_libs)
$(KILL_AT).o: | $$(generated)
units: $(UNIT) $(SIGN) $(KILL_AT)

# What the benchmark puts beside Tollgate: the load, AWS's service, the floors.
BENCH := $(patsubst tests/bench/%.c,$(OUT)/tests/bench/%,$(wildcard tests/bench/*.c))
$(BENCH): $(OUT)/tests/bench/%: $(OUT)/tests/bench/%.o $(call archives,base)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(pkg_libs)
bench_programs: $(BENCH)

# Fuzz targets: tests/fuzz/fuzz_X.c with seeds in tests/fuzz/seeds/X. Clang's libFuzzer; see tests/fuzz.t.
FUZZ := $(patsubst tests/fuzz/%.c,build/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
fuzz: ; $(MAKE) CC=clang OUT=build/fuzz BIN=build/fuzz FUZZING=1 fuzz_programs
	tests/fuzz.t
fuzz_programs: $(FUZZ)
ifeq ($(FUZZING),1)
$(FUZZ): build/fuzz/%: build/fuzz/tests/fuzz/%.o $(call archives,sandbox fcgi core db aws base)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(pkg_libs)
$(FUZZ:build/fuzz/%=build/fuzz/tests/fuzz/%.o): | $$(generated)
endif

# Where the caller did not say how many jobs: one a processor.
PARALLEL = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))

# What `make run` started, or would start.
run:
	@dev/packages build run
	@$(MAKE) --no-print-directory $(PARALLEL) all
	@exec dev/stack run
env: ; @dev/stack env
migrate: ; sql/migrate
meter: ; @eval "$$(dev/stack env)" && PGUSER=tollgate_meter exec $(BIN)/tollgate-meter
psql: ; @eval "$$(dev/stack env)" && PSQLRC=sql/psqlrc exec psql

# End-to-end tests run against the sanitized build too; long ones, which look at what is in the ledger and not at how the
# program was built, only in test-long.
E2E := $(wildcard tests/e2e/*.t)
LONG := $(wildcard $(patsubst %,tests/e2e/%.t,kill life outage restore))
TESTS := $(wildcard tests/*.t) $(E2E) $(patsubst %,BIN=build/san:%,$(filter-out $(LONG),$(E2E))) $(UNIT) \
	$(UNIT:$(OUT)/%=build/san/%)
test:
	dev/packages build run test
	$(MAKE) $(PARALLEL) all units bench_programs
	$(MAKE) $(PARALLEL) SAN=1 all units
	$(MAKE) $(PARALLEL) CC=clang OUT=build/fuzz BIN=build/fuzz FUZZING=1 fuzz_programs
	tests/run $(TESTS)
test-long: test
	dev/packages bench long
	$(MAKE) $(PARALLEL) SAN=thread all units
	LIMIT=10800 tests/run -j 1 $(wildcard tests/long/*.t) $(LONG:%=BIN=build/san:%) STEPS=4000:MUTANTS=1:tests/e2e/life.t STEPS=5000:tests/ledger.t
lint: ; tests/lint.t

# Measures Tollgate beside a peer and floors (docs/performance.md). ONLY=part,… REPS= SECONDS= SCALE= DOC=1: see tests/bench/run.
bench:
	@dev/packages build run bench
	@$(MAKE) --no-print-directory $(PARALLEL) all bench_programs
	@exec tests/bench/run

# Installation: all of it below DESTDIR; starts nothing, and leaves alone what an administrator wrote. The folders sql and
# templates below share/tollgate are replaced whole, so that no file of an older version stays in use.
SYSCONFDIR ?= /etc
DEST = $(DESTDIR)$(PREFIX)
# Units, nginx's site and man pages name these folders without quotes, which systemd and nginx would each want their own
# way; DESTDIR stands in no file, only between the quotes below.
quoted = '$(subst ','\'',$(1))'
check_folders = @for folder in $(call quoted,$(PREFIX)) $(call quoted,$(SYSCONFDIR)); do case $$folder in \
		*[!A-Za-z0-9/._+-]* | [!/]*) echo "PREFIX and SYSCONFDIR are absolute paths of letters, digits and ._+- alone:" \
			"$$folder" >&2; exit 1 ;; \
	esac; done; case $(call quoted,$(DESTDIR)) in *\'*) echo "DESTDIR may not hold a quote" >&2; exit 1 ;; esac
# The files name /usr/local, so that they are right as they are.
at_prefix = sed 's|/usr/local|$(PREFIX)|g; s|/etc/tollgate|$(SYSCONFDIR)/tollgate|g' $(1) > '$(2)' && chmod 644 '$(2)'
UNITS = $(notdir $(wildcard nginx/*.service nginx/*.socket nginx/*.timer))
MAN = $(wildcard */*.1 */*.8)
man_file = $(DEST)/share/man/man$(subst .,,$(suffix $(1)))/$(notdir $(1))
DOC = README.md $(wildcard docs/*.md)
DOC_AS_IS = $(filter-out $(DOC),$(wildcard docs/*))
install: all
	$(check_folders)
	install -d $(foreach d,sbin bin lib/systemd/system lib/sysusers.d share/doc/tollgate/docs share/man/man1 share/man/man8 \
		share/tollgate,'$(DEST)/$(d)') '$(DESTDIR)$(SYSCONFDIR)/tollgate'
	install -m 755 $(BIN)/tollgate-fcgi $(BIN)/tollgate-meter '$(DEST)/sbin'
	install -m 755 $(BIN)/tollgate $(BIN)/tollgate-sandbox '$(DEST)/bin'
	install -m 755 sql/migrate '$(DEST)/sbin/tollgate-migrate'
	rm -rf '$(DEST)/share/tollgate/sql' '$(DEST)/share/tollgate/templates'
	find sql templates -type f ! -path 'sql/queries/*' ! -name migrate ! -name embed.awk ! -name '*.8' \
		-exec install -D -m 644 '{}' '$(DEST)/share/tollgate/{}' ';'
	$(foreach unit,$(UNITS),$(call at_prefix,nginx/$(unit),$(DEST)/lib/systemd/system/$(unit)) &&) :
	$(call at_prefix,nginx/tollgate.sysusers,$(DEST)/lib/sysusers.d/tollgate.conf)
	$(call at_prefix,nginx/tollgate.conf,$(DEST)/share/doc/tollgate/nginx-site.conf)
	$(call at_prefix,nginx/tollgate.env.example,$(DESTDIR)$(SYSCONFDIR)/tollgate/tollgate.env.example)
	$(foreach page,$(MAN),$(call at_prefix,$(page),$(call man_file,$(page))) &&) :
	$(foreach page,$(DOC),$(call at_prefix,$(page),$(DEST)/share/doc/tollgate/$(page)) &&) :
	install -m 644 $(DOC_AS_IS) '$(DEST)/share/doc/tollgate/docs'
	install -m 644 LICENSE '$(DEST)/share/doc/tollgate'

# Removes what install put there, file by file, and stops nothing. Folders that are Tollgate's own go with their last file.
uninstall:
	$(check_folders)
	rm -f $(foreach f,sbin/tollgate-fcgi sbin/tollgate-meter sbin/tollgate-migrate bin/tollgate bin/tollgate-sandbox \
		$(UNITS:%=lib/systemd/system/%) lib/sysusers.d/tollgate.conf \
		$(addprefix share/doc/tollgate/,nginx-site.conf LICENSE $(DOC) $(DOC_AS_IS)),'$(DEST)/$(f)') \
		$(foreach page,$(MAN),'$(call man_file,$(page))') '$(DESTDIR)$(SYSCONFDIR)/tollgate/tollgate.env.example'
	rm -rf '$(DEST)/share/tollgate/sql' '$(DEST)/share/tollgate/templates'
	@for folder in $(foreach d,share/doc/tollgate/docs share/doc/tollgate share/tollgate,'$(DEST)/$(d)') \
		'$(DESTDIR)$(SYSCONFDIR)/tollgate'; do \
		[ ! -d "$$folder" ] || rmdir --ignore-fail-on-non-empty "$$folder"; done
	@echo 'Kept: the settings in $(DESTDIR)$(SYSCONFDIR)/tollgate, the state folder, the database with its roles, the user'
	@echo 'tollgate, and what still runs or is enabled: systemctl disable --now tollgate-fcgi.socket $(filter-out %.socket,$(UNITS))'

clean:
	rm -rf build

.PHONY: all meter units bench bench_programs fuzz fuzz_programs run env migrate psql test test-long lint install uninstall clean
.DELETE_ON_ERROR:
.SECONDARY:
-include $(shell find $(OUT) -name '*.d' 2>/dev/null)
