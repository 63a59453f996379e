# syntax=docker/dockerfile:1
# Two images of one application:
#
#   docker build --target app .       `kubewhy slack`, `kubewhy ingest` and everything else
#   docker build --target lambda .    the Lambda function on the Kinesis stream
#
# Both end on Debian's Python without a shell, a package manager or root. Every Python package is locked, with its
# hashes: deploy/image/*.lock, made by `make lock`.
ARG BUILD=debian:12-slim
ARG RUNTIME=gcr.io/distroless/python3-debian12:nonroot

FROM ${BUILD} AS tools
# The versions are those of the Debian release.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates python3-venv \
 && rm -rf /var/lib/apt/lists/*
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /source
# What builds and installs; it stays behind. /opt/kubewhy goes into the images, and has no pip.
COPY deploy/image/build.lock deploy/image/
RUN python3 -m venv /tools \
 && /tools/bin/pip install --require-hashes --only-binary :all: --requirement deploy/image/build.lock \
 && python3 -m venv --without-pip /opt/kubewhy \
 && install -d -o 10001 -g 10001 /state

FROM tools AS wheel
COPY pyproject.toml README.md LICENSE ./
COPY agents agents
COPY domain domain
COPY evals evals
COPY graphs graphs
COPY pipeline pipeline
COPY prompts prompts
COPY surfaces surfaces
COPY tools tools
RUN /tools/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels .

FROM tools AS app-packages
COPY deploy/image/app.lock deploy/image/
# drain3 is published as source alone.
RUN /tools/bin/pip wheel --require-hashes --only-binary :all: --no-binary drain3 --no-build-isolation \
    --wheel-dir /wheels --requirement deploy/image/app.lock \
 && /tools/bin/pip --python /opt/kubewhy/bin/python install --no-deps --no-index /wheels/*.whl \
 && rm -r /wheels

FROM app-packages AS app-files
COPY --from=wheel /wheels /wheels
RUN /tools/bin/pip --python /opt/kubewhy/bin/python install --no-deps --no-index /wheels/*.whl

FROM tools AS lambda-packages
COPY deploy/image/lambda.lock deploy/image/
# drain3 is published as source alone.
RUN /tools/bin/pip wheel --require-hashes --only-binary :all: --no-binary drain3 --no-build-isolation \
    --wheel-dir /wheels --requirement deploy/image/lambda.lock \
 && /tools/bin/pip --python /opt/kubewhy/bin/python install --no-deps --no-index /wheels/*.whl \
 && rm -r /wheels

FROM lambda-packages AS lambda-files
COPY --from=wheel /wheels /wheels
RUN /tools/bin/pip --python /opt/kubewhy/bin/python install --no-deps --no-index /wheels/*.whl

FROM ${RUNTIME} AS lambda
COPY --from=lambda-files /opt/kubewhy /opt/kubewhy
ENV PATH=/opt/kubewhy/bin:/usr/bin PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# Lambda gives it a user of its own, and lets it write to /tmp alone.
WORKDIR /tmp
USER 10001:10001
ENTRYPOINT ["/opt/kubewhy/bin/python", "-m", "awslambdaric"]
CMD ["pipeline.handler.handler"]

FROM ${RUNTIME} AS app
COPY --from=app-files /opt/kubewhy /opt/kubewhy
COPY --from=app-files --chown=10001:10001 /state /var/lib/kubewhy
ENV PATH=/opt/kubewhy/bin:/usr/bin PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/var/lib/kubewhy
# kubewhy.toml is read from here, and what it keeps is kept here, in .kubewhy.
WORKDIR /var/lib/kubewhy
USER 10001:10001
ENTRYPOINT ["/opt/kubewhy/bin/kubewhy"]
CMD ["slack"]
