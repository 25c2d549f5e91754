{#- Aggregate: the sha256 of a series, "<period> <value>" a line in order of the periods; sanad.decide.seasons gives the same. -#}
{% macro series_sha256(period_code, value) -%}
    encode(sha256(convert_to(
        string_agg({{ period_code }} || ' ' || {{ value }}::text, e'\n' order by {{ period_code }} asc), 'UTF8'
    )), 'hex')
{%- endmacro %}
