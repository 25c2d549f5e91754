"""The PostgreSQL side: connections, tables outside dbt, migrations, roles, and running dbt."""
