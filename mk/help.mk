# A target explains itself by "## text" behind its prerequisites.

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z][a-z-]*\):[^=]*## \(.*\)/\1\t\2/p' Makefile mk/*.mk | sort | while IFS='	' read -r target text; do \
		printf '  %-16s %s\n' "make $$target" "$$text"; done
