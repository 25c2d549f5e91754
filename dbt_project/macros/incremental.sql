{#-
    Incremental models as dbt has them, but a full refresh computes everything anew and writes only what differs into the
    table that stands. dbt makes another table and drops the old one, with every view on it and what it was granted.
    Where a column is gone or has another type, or the primary key is another, there is no other way than dbt's: the
    views on it are then made again by the next whole build.
-#}
{% materialization incremental, adapter='postgres' -%}
    {%- set standing = load_cached_relation(this) -%}
    {%- if should_full_refresh() and standing is not none and standing.is_table and still_holds(standing) -%}
        {{ return(refresh_in_place(standing)) }}
    {%- endif -%}
    {{ return(dbt.materialization_incremental_default()) }}
{%- endmaterialization %}

{#- Whether the table has no column, and no key, but those that the contract declares. -#}
{% macro still_holds(standing) -%}
    {%- set declared = adapter.quote(standing.identifier ~ '__declared') -%}
    {%- do run_query('create temporary table ' ~ declared ~ get_table_columns_and_constraints()) -%}
    {%- set question -%}
        with
        columns as (
            select
                attribute.attrelid,
                attribute.attname,
                format_type(attribute.atttypid, attribute.atttypmod) as type,
                array_position(primary_key.indkey, attribute.attnum) as key_position
            from pg_catalog.pg_attribute as attribute
            left join pg_catalog.pg_index as primary_key
                on attribute.attrelid = primary_key.indrelid and primary_key.indisprimary
            where
                attribute.attrelid in ('{{ standing }}'::regclass, 'pg_temp.{{ declared }}'::regclass)
                and attribute.attnum > 0
                and not attribute.attisdropped
        )

        select count(*)
        from columns as old
        left join columns as new
            on
                old.attrelid != new.attrelid
                and old.attname = new.attname
                and old.type = new.type
                and old.key_position is not distinct from new.key_position
        where
            new.attname is null
            and (old.attrelid = '{{ standing }}'::regclass or old.key_position is not null)
    {%- endset -%}
    {%- set different = run_query(question).columns[0].values()[0] -%}
    {%- do run_query('drop table pg_temp.' ~ declared) -%}
    {{ return(different == 0) }}
{%- endmacro %}

{% macro refresh_in_place(standing) -%}
    {%- set fresh = make_temp_relation(this) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- do run_query(get_create_table_as_sql(True, fresh, sql)) -%}
    {%- set added = process_schema_changes(config.get('on_schema_change'), fresh, standing) -%}
    {%- set columns = added or adapter.get_columns_in_relation(standing) -%}
    {% call statement('main') -%}
        {{ get_incremental_difference_sql({'target_relation': standing, 'temp_relation': fresh, 'dest_columns': columns}) }}
    {%- endcall %}
    {%- do run_query('drop table ' ~ fresh) -%}
    {%- do apply_grants(standing, config.get('grants'), should_revoke=False) -%}
    {%- do persist_docs(standing, model) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [standing]}) }}
{%- endmacro %}
