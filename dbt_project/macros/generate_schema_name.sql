{#-
    A schema is what the design calls it: staging, intermediate, marts. In a run as of a day the marts stand in
    var('as_of_schema'), and nothing else is made.
-#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- set schema = (custom_schema_name or target.schema) | trim -%}
    {{ var('as_of_schema') if schema == 'marts' and var('as_of_schema') is not none else schema }}
{%- endmacro %}
