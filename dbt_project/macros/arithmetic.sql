{#-
    Ratios to 6 decimals, of operands that hold 6 decimals; NULL when an operand is NULL or the denominator 0.
    The wide operand makes PostgreSQL divide to at least 20 decimals, so only the last rounding shows.
-#}
{% macro pct_change(now, before) -%}
    cast(round(100 * (cast({{ now }} as numeric(38, 20)) / nullif({{ before }}, 0) - 1), 6) as numeric(38, 6))
{%- endmacro %}

{% macro pct_of(part, whole) -%}
    cast(round(100 * cast({{ part }} as numeric(38, 20)) / nullif({{ whole }}, 0), 6) as numeric(38, 6))
{%- endmacro %}

{#- Aggregate: the sum, NULL when any value is: a sum without a part would be another sum. -#}
{% macro sum_if_all(column) -%}
    case when count({{ column }}) = count(*) then cast(sum({{ column }}) as numeric(20, 6)) end
{%- endmacro %}

{#- Figure ids of several lists in ascending order. -#}
{% macro sorted_ids(list) -%}
    array(select listed.id from unnest({{ list }}) as listed (id) order by listed.id)
{%- endmacro %}
