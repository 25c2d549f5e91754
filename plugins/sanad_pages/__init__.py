"""Pages under Airflow's own server: read-only, behind Airflow's login, without another host."""
