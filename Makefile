# The one way in: `make help` lists what there is.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test lint deny build deploy seed cloud cloud-stop test-infra e2e chaos clean

HOST_ARCH := $(if $(filter aarch64 arm64,$(shell uname -m)),arm64,x86_64)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## run the whole shop on this machine; ARGS=--memory keeps nothing
	@STAGE=$${STAGE:-local} VERSION=$${VERSION:-$$(git rev-parse HEAD 2>/dev/null)} cargo run --quiet -p acme-local -- $(ARGS)

test: ## run all tests that need only Rust and a C compiler
	@if cargo nextest --version >/dev/null 2>&1; then cargo nextest run --workspace --all-features; \
	else cargo test --workspace --all-features --all-targets; fi
	@cargo test --workspace --all-features --doc

lint: ## check formatting, clippy and documentation; nothing may warn
	@cargo fmt --all --check
	@cargo clippy --workspace --all-targets --all-features -- -D warnings
	@RUSTDOCFLAGS="-D warnings" cargo doc --workspace --all-features --no-deps

deny: ## check licences, sources and bans of the dependencies
	@cargo deny --workspace --all-features check bans licenses sources

build: ## build the artifacts for AWS; FUNCTION=name for one, ARCH=arm64|x86_64
	@infra/build

deploy: ## deploy to AWS; STAGE=..., and what infra/deploy --help lists
	@infra/deploy

cloud: ## run the deployed shop on this machine, on a stand-in for AWS, and print its address
	@PROFILE=cloud ARCH=$(HOST_ARCH) infra/build
	@infra/cloud >/dev/null
	@. "$${CLOUD_DIR:-.acme/cloud}/env" && infra/seed && printf 'the shop is open at %s\n' "$$API_URL"

seed: ## put the demo catalog and the user staff into a deployed table; STAGE=..., STAFF_PASSWORD=...
	@infra/seed

cloud-stop: ## stop it
	@infra/cloud-stop

test-infra: ## check the template, the scripts and the description; deploys nothing
	@infra/test

e2e: ## deploy to the stand-in, on free ports, and test what was deployed; ARGS="-k sqs"
	@infra/test-e2e $(ARGS)

chaos: ## place orders on the deployed shop while it is killed and its calls fail; ORDERS=500 SEED=1 and what infra/chaos --help lists
	@infra/chaos

clean: ## delete what was built, and the local shop's data
	@infra/cloud-stop
	@cargo clean
	@rm -rf .acme
