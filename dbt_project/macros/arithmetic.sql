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

{% macro for_each(whole, number) -%}
    cast(round(cast({{ whole }} as numeric(38, 20)) / nullif({{ number }}, 0), 6) as numeric(20, 6))
{%- endmacro %}

{#- A value that is known to one percent of itself; NULL where it is rounded more. A resolution that is NULL is none. -#}
{% macro fine(value, resolution) -%}
    case when coalesce({{ resolution }}, 0) <= 0.01 * abs({{ value }}) then {{ value }} end
{%- endmacro %}

{#- Aggregate: the sum, NULL when any value is: a sum without a part would be another sum. -#}
{% macro sum_if_all(column) -%}
    case when count({{ column }}) = count(*) then cast(sum({{ column }}) as numeric(20, 6)) end
{%- endmacro %}

{#-
    Aggregates over figures of which some, `is_less`, are taken away: what remains, and the ids of those added and of
    those taken away in ascending order, NULL when there are none.
-#}
{% macro remainder(column) -%}
    {{ sum_if_all('case when is_less then -' ~ column ~ ' else ' ~ column ~ ' end') }}
{%- endmacro %}

{% macro added_ids(figure_id) -%}
    array_agg({{ figure_id }} order by {{ figure_id }}) filter (where not is_less)
{%- endmacro %}

{% macro less_ids(figure_id) -%}
    array_agg({{ figure_id }} order by {{ figure_id }}) filter (where is_less)
{%- endmacro %}

{#- Aggregate: what the newest release among the rows says. -#}
{% macro of_newest(column) -%}
    (array_agg({{ column }} order by published_on desc, published_seq desc))[1]
{%- endmacro %}

{#- Figure ids of several lists in ascending order. -#}
{% macro sorted_ids(list) -%}
    array(select listed.id from unnest({{ list }}) as listed (id) order by listed.id)
{%- endmacro %}
