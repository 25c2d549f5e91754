{#- Descriptions become comments in PostgreSQL; only those that changed are written, so a steady build runs no DDL. -#}
{% macro postgres__persist_docs(relation, model, for_relation, for_columns) -%}
    {%- set known = {} -%}
    {%- set comments -%}
        select coalesce(attribute.attname, '') as name, description.description
        from pg_catalog.pg_description as description
        left join pg_catalog.pg_attribute as attribute
            on description.objoid = attribute.attrelid
            and description.objsubid = attribute.attnum
            and description.objsubid > 0
        where
            description.classoid = 'pg_catalog.pg_class'::regclass
            and description.objoid = '{{ relation }}'::regclass
    {%- endset -%}
    {%- for row in run_query(comments) -%}
        {%- do known.update({row[0]: row[1]}) -%}
    {%- endfor -%}
    {%- if for_relation and config.persist_relation_docs() and model.description and known.get('') != model.description -%}
        {%- do run_query(alter_relation_comment(relation, model.description)) -%}
    {%- endif -%}
    {%- if for_columns and config.persist_column_docs() -%}
        {%- set changed = {} -%}
        {%- for name, column in model.columns.items() if column.description and known.get(name) != column.description -%}
            {%- do changed.update({name: column}) -%}
        {%- endfor -%}
        {%- if changed -%}
            {%- do run_query(alter_column_comment(relation, changed)) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
