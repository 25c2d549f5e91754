{#- The day of the following month by which an edition is usually out, for each dataset whose registry file says one. -#}
{% macro due_days() -%}
    {%- set days = fromjson(env_var('SANAD_DBT_DUE_DAYS', '{}')) -%}
    {%- for dataset, day in days.items() %}
    select cast('{{ dataset }}' as text) as dataset, {{ day | int }} as due_day
    {%- if not loop.last %} union all{% endif %}
    {%- else %}
    select cast(null as text) as dataset, cast(null as integer) as due_day where false
    {%- endfor %}
{%- endmacro %}
