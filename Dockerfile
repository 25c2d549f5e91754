# Sanad's images, from Debian and PyPI alone: `docker compose build` makes all of them.
# DEBIAN=debian@sha256:... pins the base by its digest.
ARG DEBIAN=debian:bookworm-slim

FROM $DEBIAN AS base
COPY docker/debian.sources /etc/apt/sources.list.d/debian.sources
COPY docker/apt-install /usr/local/sbin/apt-install
RUN rm -f /etc/apt/sources.list
ENV LANG=C.UTF-8


FROM base AS postgres
RUN groupadd -g 999 postgres && useradd -r -u 999 -g postgres -d /var/lib/postgresql postgres \
    && mkdir -p /etc/postgresql-common && echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf \
    && apt-install postgresql-15 pgbackrest \
    && install -d -o postgres -g postgres -m 700 /var/lib/postgresql /var/lib/pgbackrest \
    && install -d -o postgres -g postgres /var/run/postgresql
COPY docker/postgres/postgresql.conf /etc/sanad/
COPY docker/postgres/entrypoint /usr/local/bin/
ENV PATH=/usr/lib/postgresql/15/bin:$PATH PGDATA=/var/lib/postgresql/15 PGBACKREST_CONFIG=/tmp/pgbackrest.conf
USER postgres
WORKDIR /var/lib/postgresql
STOPSIGNAL SIGINT
ENTRYPOINT ["entrypoint"]
CMD ["postgres"]


FROM base AS redis
RUN groupadd -g 998 redis && useradd -r -u 998 -g redis -d /var/lib/redis redis \
    && apt-install redis-server \
    && install -d -o redis -g redis -m 700 /var/lib/redis
COPY docker/redis/redis.conf /etc/sanad/
COPY docker/redis/entrypoint /usr/local/bin/
USER redis
ENTRYPOINT ["entrypoint"]


# Installs packages, with whatever certificates this site's proxy needs; nothing of that reaches the images that run.
FROM base AS installer
RUN apt-install ca-certificates python3 python3-venv
COPY certs/ /usr/local/share/ca-certificates/
RUN update-ca-certificates
ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
COPY requirements-bootstrap.txt ./
RUN python3 -m venv /opt/installer \
    && /opt/installer/bin/pip install --no-cache-dir --require-hashes -r requirements-bootstrap.txt
ENV PATH=/opt/installer/bin:$PATH


FROM installer AS airflow-packages
WORKDIR /opt/sanad
COPY requirements-stack.txt ./
RUN python3 -m venv --without-pip .venv \
    && VIRTUAL_ENV=/opt/sanad/.venv uv pip sync --no-cache --require-hashes --compile-bytecode requirements-stack.txt
COPY pyproject.toml requirements.in ./
COPY include/sanad/__init__.py include/sanad/
# a link to the tree, which comes later: packages are not copied again for each edit of it, nor of the README
RUN touch README.md && VIRTUAL_ENV=/opt/sanad/.venv uv pip install --no-cache --no-deps --no-build-isolation -e .


FROM base AS airflow
RUN groupadd -g 50000 sanad && useradd -u 50000 -g sanad -d /opt/airflow sanad \
    && apt-install ca-certificates python3 \
    && install -d -o sanad -g sanad -m 750 /opt/airflow /var/lib/sanad /var/log/airflow
WORKDIR /opt/sanad
COPY --from=airflow-packages /opt/sanad/.venv .venv
COPY pyproject.toml ./
COPY docker/address docker/
COPY docker/airflow docker/airflow
COPY dbt_project dbt_project
COPY include include
COPY plugins plugins
COPY dags dags
RUN .venv/bin/python -m compileall -q dags include plugins
ENV PATH=/opt/sanad/.venv/bin:$PATH \
    AIRFLOW_CONFIG=/opt/sanad/docker/airflow/airflow.cfg AIRFLOW_HOME=/opt/airflow \
    SANAD_PROJECT=/opt/sanad SANAD_SECRETS=/run/secrets SANAD_STATE=/var/lib/sanad \
    DO_NOT_TRACK=1 SCARF_ANALYTICS=false
USER sanad
CMD ["sanad", "--help"]


FROM installer AS superset-packages
WORKDIR /opt/sanad
COPY requirements-bi.txt ./
RUN python3 -m venv --without-pip .venv \
    && VIRTUAL_ENV=/opt/sanad/.venv uv pip sync --no-cache --require-hashes --compile-bytecode requirements-bi.txt


FROM base AS superset
RUN groupadd -g 50001 superset && useradd -m -u 50001 -g superset superset \
    && apt-install ca-certificates python3
WORKDIR /opt/sanad
COPY --from=superset-packages /opt/sanad/.venv .venv
COPY docker/address docker/superset/entrypoint docker/
COPY superset superset
RUN .venv/bin/python -m compileall -q superset
ENV PATH=/opt/sanad/.venv/bin:$PATH \
    SUPERSET_CONFIG_PATH=/opt/sanad/superset/superset_config.py SUPERSET_HOME=/home/superset
USER superset
ENTRYPOINT ["/opt/sanad/docker/entrypoint"]
CMD ["gunicorn", "--bind=0.0.0.0:8088", "--workers=2", "--worker-class=gthread", "--threads=8", "--timeout=60", \
     "--access-logfile=-", "superset.app:create_app()"]


FROM base AS proxy
RUN groupadd -g 997 proxies && useradd -r -u 997 -g proxies proxies && apt-install nginx-light
COPY docker/proxy/nginx.conf /etc/nginx/nginx.conf
USER proxies
CMD ["nginx", "-g", "daemon off;"]
