{#- In each group net = credit - debit within the tolerance; a value that is not available counts as 0. -#}
{% test net_is_credit_less_debit(model, value, group_by, tolerance) %}

select
    {{ group_by | join(', ') }},
    max({{ value }}) filter (where measure = 'credit') as credit,
    max({{ value }}) filter (where measure = 'debit') as debit,
    max({{ value }}) filter (where measure = 'net') as net
from {{ model }}
group by {{ group_by | join(', ') }}
having
    abs(sum(coalesce({{ value }}, 0) * case measure when 'credit' then 1 else -1 end)) > {{ tolerance }}
    or count(*) != 3

{% endtest %}
