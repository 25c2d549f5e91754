{#-
    As dbt-postgres has it, but an array's type is bigint[] and not the word ARRAY, which PostgreSQL takes neither in
    `add column` nor in a cast: a column of figure ids could not be added to a mart that stands.
-#}
{% macro postgres__get_columns_in_relation(relation) -%}
    {% call statement('get_columns_in_relation', fetch_result=True) %}
        select
            column_name,
            case data_type
                when 'ARRAY' then format_type(to_regtype(format('%I.%I', udt_schema, udt_name)), null)
                else data_type
            end as data_type,
            character_maximum_length,
            numeric_precision,
            numeric_scale
        from {{ relation.information_schema('columns') }}
        where
            table_name = '{{ relation.identifier }}'
            {%- if relation.schema %}
            and table_schema = '{{ relation.schema }}'
            {%- endif %}
        order by ordinal_position
    {% endcall %}
    {{ return(sql_convert_columns_in_relation(load_result('get_columns_in_relation').table)) }}
{%- endmacro %}
