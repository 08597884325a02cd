# Everything a person runs. `make run PORT=8000 DATA_DIR=var DEMO=1 HTTPS=0` needs only Python 3.11 to 3.13, make and git.
PYTHON ?= python3
IN_VENV := .venv/bin/python

.PHONY: run stores test coverage lint format bench drill openapi editor locks help

run: ## start Fieldport with a demonstration; HTTPS=1: for phones in the same network; Ctrl-C stops it
	@$(PYTHON) scripts/bootstrap.py base
	@exec $(IN_VENV) -m portal.supervisor

stores: ## what loading into data stores needs beside the base (docs/data-stores.md)
	@$(PYTHON) scripts/bootstrap.py stores

test: ## all tests, on SQLite and, where it answers, on PostgreSQL
	@$(PYTHON) scripts/bootstrap.py dev
	@exec $(IN_VENV) scripts/run_tests.py $(ARGS)

coverage: ## which lines no test reaches, counted on SQLite; fails below the floor that pyproject.toml sets
	@$(PYTHON) scripts/bootstrap.py dev
	.venv/bin/pytest --no-migrations -q -n 2 --dist=worksteal -m "not postgres and not browser and not embedded" --cov $(ARGS)

lint: ## style, types, floors, migrations
	@$(PYTHON) scripts/bootstrap.py dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy manage.py portal integrations tests scripts
	.venv/bin/lint-imports
	DJANGO_SETTINGS_MODULE=portal.settings.test $(IN_VENV) manage.py makemigrations --check --dry-run

format: ## bring the code into shape
	@$(PYTHON) scripts/bootstrap.py dev
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

bench: ## how fast it is, on this machine, against PostgreSQL
	@$(PYTHON) scripts/bootstrap.py dev
	@exec $(IN_VENV) -m tests.bench

drill: ## kill everything at random while webhooks flow: make drill SEED=1 N=1000; or events: EVENTS=100000
	@$(PYTHON) scripts/bootstrap.py dev
	@exec $(IN_VENV) -m tests.drill$(if $(EVENTS),.events --events $(EVENTS), --webhooks $(or $(N),1000)) --seed $(or $(SEED),1)

openapi: ## write docs/openapi.yaml anew after the API changed on purpose
	@$(PYTHON) scripts/bootstrap.py dev
	DJANGO_SETTINGS_MODULE=portal.settings.test $(IN_VENV) manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml

editor: ## build the script editor into static files (needs Node 20; the build is committed)
	cd integrations/scripts/editor && npm ci --ignore-scripts --no-audit --no-fund && npm run check && npm run build

locks: ## compile requirements/*.txt from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-strip-extras -q -o requirements/base.txt
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-strip-extras -q \
		--extra stores -c requirements/base.txt -o requirements/stores.txt
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-strip-extras -q \
		--group dev --extra stores -c requirements/stores.txt -o requirements/dev.txt

help: ## this list
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:.*## /\t/'
