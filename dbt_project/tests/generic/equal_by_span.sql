{#-
    Rows of one group whose periods have one span hold one value, whatever kind the periods are. Nothing is demanded
    where one of them is `unless`.
-#}
{% test equal_by_span(model, value, group_by, unless) %}

select
    {{ group_by | join(', ') }},
    period_start,
    period_end,
    array_agg(period_code || ' ' || coalesce(cast({{ value }} as text), 'NULL') order by period_code) as found
from {{ model }}
group by {{ group_by | join(', ') }}, period_start, period_end
having
    not bool_or({{ unless }})
    and (
        count(distinct {{ value }}) > 1
        or count({{ value }}) not in (0, count(*))
    )

{% endtest %}
