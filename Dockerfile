# Builds the wheel and its environment; nothing of the build but /opt/cercle reaches the image.
FROM python:3.11-slim AS build
WORKDIR /src
COPY .docker/build-requirements.txt .docker/requirements.txt .docker/
RUN python -m venv /opt/build \
    && /opt/build/bin/pip install --no-cache-dir --require-hashes -r .docker/build-requirements.txt \
    && python -m venv /opt/cercle \
    && /opt/cercle/bin/pip install --no-cache-dir --require-hashes --only-binary=:all: -r .docker/requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY migrations migrations
COPY app app
RUN /opt/build/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels . \
    && /opt/cercle/bin/pip install --no-cache-dir --no-deps --no-index /wheels/*.whl

FROM python:3.11-slim
ENV PATH=/opt/cercle/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    CERCLE_DATA_DIR=/data
COPY --from=build /opt/cercle /opt/cercle
RUN install --directory --owner=10001 --group=10001 --mode=0750 /data
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["cercle", "serve", "--host", "0.0.0.0"]
