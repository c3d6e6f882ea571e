# weir: one binary, built with plain make. `make help` lists what there is.
#
# Sources are found by folder, so a new file needs no edit here. Everything built goes below $(B) (build/).

VERSION := 0.1.0
PREFIX  ?= /usr/local
DESTDIR ?=
B       ?= build
ifeq ($(origin CC),default)
CC := gcc
endif
CFLAGS  ?= -O2 -g

ROOMS := base jar savepoint live inspect migrate sql runtime serve tui cli

WARN  := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla
# -O1 -g1: compiles in 40 % of the time, and backtraces still have their lines
SAN   := -O1 -g1 -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer \
         -Wno-unknown-warning-option -Wno-format-truncation # gcc 12 takes vsnprintf(NULL, 0, …) for a fault under UBSan
# Linked are the libraries that every run may need. librocksdb, libcurl, libzip, libmicrohttpd and libedit are loaded when needed (base/lazy.h), by the names
# that they have here. Asked for in a sub-make of `make deps`, so it does not matter that a fresh machine knows no answer.
soname     = $(shell { readelf -d "$$($(CC) -print-file-name=lib$(1).so)" | sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p'; } 2>/dev/null)
PKG_CFLAGS := $(shell pkg-config --cflags jansson libzstd zlib libcurl libzip ncursesw libpcre2-8 2>/dev/null) \
              -DWEIR_ROCKSDB_SONAME='"$(call soname,rocksdb)"' -DWEIR_CURL_SONAME='"$(call soname,curl)"' \
              -DWEIR_ZIP_SONAME='"$(call soname,zip)"' -DWEIR_MICROHTTPD_SONAME='"$(call soname,microhttpd)"' \
              -DWEIR_EDIT_SONAME='"$(call soname,edit)"'
PKG_LIBS   := $(shell pkg-config --libs jansson libzstd zlib nettle ncursesw libpcre2-8 2>/dev/null) -lsnappy -lpthread -lm
TEST_LIBS  := $(shell pkg-config --libs cmocka 2>/dev/null) -lrocksdb # a test makes databases with it
LANG_FLAGS := -std=c17 -D_GNU_SOURCE -DWEIR_VERSION='"$(VERSION)"' -I. $(WARN)

# make V=1 shows the commands as they are
Q := $(if $(V),,@)
SAY = @$(if $(V),:,printf '  %-4s %s\n')

LIB_SRC  := $(filter-out cli/main.c,$(foreach r,$(ROOMS),$(wildcard $(r)/*.c)))
UNIT_SRC := $(wildcard tests/unit/*_test.c)
FUZZ_SRC := $(wildcard tests/fuzz/*_fuzz.c)
SUPPORT  := $(wildcard tests/support/*.c)
ALL_C    := $(LIB_SRC) cli/main.c $(UNIT_SRC) $(FUZZ_SRC) $(SUPPORT) $(wildcard tests/*/*.c bench/*.c)

.PHONY: all
all: $(B)/weir ## build the binary (also plain `make`)

# One rule for all objects; $(1) is the variant's folder, $(2) its flags.
define variant
$(B)/$(1)/%.o: %.c
	@mkdir -p $$(@D)
	$$(SAY) CC $$<
	$$(Q)$$(CC) $$(LANG_FLAGS) $$(PKG_CFLAGS) $$(CFLAGS) $(2) -MMD -MP -c -o $$@ $$<
$(B)/$(1)/libweir.a: $(patsubst %.c,$(B)/$(1)/%.o,$(LIB_SRC))
	@rm -f $$@
	$$(Q)$$(AR) rcs $$@ $$^
endef
$(eval $(call variant,obj,))
$(eval $(call variant,san,$(SAN)))

$(B)/weir: $(B)/obj/cli/main.o $(B)/obj/libweir.a
	$(SAY) LD $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(B)/weir-san: $(B)/san/cli/main.o $(B)/san/libweir.a
	$(SAY) LD $@
	$(Q)$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(B)/san/tests/unit/%: $(B)/san/tests/unit/%.o $(patsubst %.c,$(B)/san/%.o,$(SUPPORT)) $(B)/san/libweir.a
	$(SAY) LD $@
	$(Q)$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $(TEST_LIBS)

.SECONDARY: # a test's object stays, too

include $(wildcard mk/*.mk)

.PHONY: clean
clean: ## remove all that was built
	rm -rf $(B)

-include $(shell [ -d $(B) ] && find $(B) -name '*.d' 2>/dev/null)
