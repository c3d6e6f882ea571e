# What is installed: the binary, its man pages, its completions.

MAN_PAGES := $(wildcard man/*.[0-9])
BASH_DIR  := share/bash-completion/completions
ZSH_DIR   := share/zsh/site-functions
FISH_DIR  := share/fish/vendor_completions.d
TO         = $(DESTDIR)$(PREFIX)

.PHONY: install uninstall
install: $(B)/weir ## install below DESTDIR and PREFIX (/usr/local)
	install -d $(TO)/bin $(TO)/$(BASH_DIR) $(TO)/$(ZSH_DIR) $(TO)/$(FISH_DIR)
	install -m 755 $(B)/weir $(TO)/bin/weir
	for page in $(MAN_PAGES); do install -D -m 644 "$$page" "$(TO)/share/man/man$${page##*.}/$${page##*/}" || exit; done
	$(B)/weir completion bash >$(TO)/$(BASH_DIR)/weir
	$(B)/weir completion zsh >$(TO)/$(ZSH_DIR)/_weir
	$(B)/weir completion fish >$(TO)/$(FISH_DIR)/weir.fish

uninstall: ## remove what install has put there
	rm -f $(TO)/bin/weir $(TO)/$(BASH_DIR)/weir $(TO)/$(ZSH_DIR)/_weir $(TO)/$(FISH_DIR)/weir.fish
	for page in $(MAN_PAGES); do rm -f "$(TO)/share/man/man$${page##*.}/$${page##*/}"; done
