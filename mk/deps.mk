# Packages of Debian 12: to build, to test without a JVM, and for what needs a JVM or a developer.

DEPS       := gcc libc6-dev make pkg-config libjansson-dev libzstd-dev zlib1g-dev libsnappy-dev librocksdb-dev libcurl4-openssl-dev libzip-dev \
              libncurses-dev nettle-dev libpcre2-dev libmicrohttpd-dev libedit-dev
DEPS_CHECK := $(DEPS) libcmocka-dev python3 python3-jsonschema curl openssl tmux
DEPS_FLINK := $(DEPS_CHECK) openjdk-17-jdk-headless maven unzip
DEPS_DEV   := $(DEPS_CHECK) clang clang-format cppcheck libclang-rt-14-dev mandoc shellcheck

.PHONY: deps deps-check deps-flink deps-dev
deps: ## install what building needs
	@mk/deps.sh $(DEPS)
deps-check: ## install what `make check` needs
	@mk/deps.sh $(DEPS_CHECK)
deps-flink: ## install what tests with real Flink need (JDK, Maven)
	@mk/deps.sh $(DEPS_FLINK)
deps-dev: ## install what lint and fuzzing need
	@mk/deps.sh $(DEPS_DEV)
