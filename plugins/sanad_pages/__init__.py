"""Pages under Airflow's own server: read-only, behind Airflow's login, without scripts or another host."""
