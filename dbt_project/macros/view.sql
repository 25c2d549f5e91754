{#-
    Views that stay. dbt swaps a new view in and drops the old one with everything that depends on it, on every run;
    here a view that says the same is left alone, one whose columns only grew is replaced in place, and only one
    whose columns changed is dropped. "Says the same" is PostgreSQL's own judgement, asked of a temporary view.
-#}
{% materialization view, adapter='postgres' %}
    {%- set target_relation = this.incorporate(type='view') -%}
    {%- set existing = load_cached_relation(this) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- if existing is not none and not existing.is_view -%}
        {%- do adapter.drop_relation(existing) -%}
        {%- set existing = none -%}
    {%- endif -%}
    {%- set verdict = 'create' if existing is none else compare_view(target_relation, sql) -%}
    {%- if verdict == 'recreate' -%}
        {%- do adapter.drop_relation(existing) -%}
    {%- endif -%}

    {% call statement('main') -%}
        {%- if verdict == 'same' -%}
            select 1 as unchanged
        {%- else -%}
            create or replace view {{ target_relation }} as
            {{ sql }}
        {%- endif -%}
    {%- endcall %}

    {%- do apply_grants(target_relation, config.get('grants'), should_revoke=False) -%}
    {%- do persist_docs(target_relation, model) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#- same, replace (columns only added at the end) or recreate. -#}
{% macro compare_view(relation, sql) -%}
    {%- set fresh = adapter.quote(relation.identifier ~ '__fresh') -%}
    {%- do run_query('create temporary view ' ~ fresh ~ ' as ' ~ sql) -%}
    {%- set question -%}
        with
        columns as (
            select
                attrelid,
                array_agg(attname || ' ' || format_type(atttypid, atttypmod) order by attnum) as listed
            from pg_catalog.pg_attribute
            where attrelid in ('{{ relation }}'::regclass, 'pg_temp.{{ fresh }}'::regclass) and attnum > 0
            group by attrelid
        )

        select
            case
                when pg_get_viewdef(old.attrelid) = pg_get_viewdef(new.attrelid) then 'same'
                when new.listed[1:cardinality(old.listed)] = old.listed then 'replace'
                else 'recreate'
            end
        from columns as old
        inner join columns as new on old.attrelid != new.attrelid
        where old.attrelid = '{{ relation }}'::regclass
    {%- endset -%}
    {%- set verdict = run_query(question).columns[0].values()[0] -%}
    {%- do run_query('drop view pg_temp.' ~ fresh) -%}
    {{ return(verdict) }}
{%- endmacro %}
