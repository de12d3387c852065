# syntax=docker/dockerfile:1
FROM python:3.13-slim AS build
WORKDIR /app
COPY requirements.lock pyproject.toml README.md LICENSE ./
COPY bridge ./bridge
RUN python3 -m venv /app/venv \
 && /app/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock \
 && /app/venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-build-isolation --no-deps .

FROM python:3.13-slim
RUN groupadd --gid 10001 roosterbridge \
 && useradd --uid 10001 --gid roosterbridge --no-create-home --shell /usr/sbin/nologin roosterbridge \
 && install --directory --owner=roosterbridge --group=roosterbridge /data
COPY --from=build /app/venv /app/venv
WORKDIR /data
# An answer of a school has hundreds of KB: the allocator keeps freed memory for the next one (mallopt(3)).
ENV PATH=/app/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MALLOC_TRIM_THRESHOLD_=67108864 \
    BRIDGE_CONFIG=/data/config/bridge.toml \
    BRIDGE_SERVER__HOST=0.0.0.0 \
    BRIDGE_STORAGE__URL=sqlite:////data/bridge.db
# Everything that changes is below /data, so the container can run with --read-only.
VOLUME /data
USER roosterbridge
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["python3", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ.get('BRIDGE_SERVER__PORT', '8080') + '/healthz', timeout=4)"]
CMD ["roosterbridge", "serve"]
