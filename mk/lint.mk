# Looks that need no run. C_FILES is all C that is ours, SHELL_FILES all shell.

C_FILES      = $(wildcard $(foreach r,$(ROOMS) tests/unit tests/fuzz tests/support tests/conformance bench,$(r)/*.c $(r)/*.h))
SHELL_FILES  = .ci/run $(wildcard mk/*.sh examples/*/*.sh tests/*/*.sh bench/*.sh)

.PHONY: lint format
lint: deps-dev tidy ## clang-format, cppcheck, shellcheck, mandoc
	clang-format --dry-run -Werror $(C_FILES)
	cppcheck -q --std=c11 --language=c --enable=warning,performance,portability --inline-suppr \
		--suppress=missingIncludeSystem --suppress=legacyUninitvar --suppress=varFuncNullUB -D__GNUC__ -I. -j$$(nproc) --error-exitcode=1 $(filter %.c,$(C_FILES))
	shellcheck -x $(SHELL_FILES)
	mandoc -T lint -W warning $(wildcard man/*.[0-9])

format: deps-dev ## lay all C out as .clang-format says
	clang-format -i $(C_FILES)
