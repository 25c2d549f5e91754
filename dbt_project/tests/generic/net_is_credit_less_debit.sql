{#-
    In each group net = credit - debit within the tolerance; a value that is not available counts as 0. Nothing is
    demanded of a group with a row that is `unless`.
-#}
{% test net_is_credit_less_debit(model, value, group_by, tolerance, unless) %}

select
    {{ group_by | join(', ') }},
    max({{ value }}) filter (where measure = 'credit') as credit,
    max({{ value }}) filter (where measure = 'debit') as debit,
    max({{ value }}) filter (where measure = 'net') as net
from {{ model }}
group by {{ group_by | join(', ') }}
having
    not bool_or({{ unless }})
    and (
        abs(sum(coalesce({{ value }}, 0) * case measure when 'credit' then 1 else -1 end)) > {{ tolerance }}
        or count(*) != 3
    )

{% endtest %}
