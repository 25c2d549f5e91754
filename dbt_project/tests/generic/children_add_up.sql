{#-
    Each row that others call their parent holds their sum within the tolerance; not available counts as 0. Nothing is
    demanded where the parent or a child is `unless`.
-#}
{% test children_add_up(model, value, code, parent, group_by, tolerance, unless) %}

with

children as (

    select
        {{ group_by | join(', ') }},
        {{ parent }} as {{ code }},
        sum(coalesce({{ value }}, 0)) as children_sum,
        bool_or({{ unless }}) as is_excused
    from {{ model }}
    where {{ parent }} is not null
    group by {{ group_by | join(', ') }}, {{ parent }}

)

select
    {{ group_by | join(', ') }},
    {{ code }},
    parents.{{ value }} as parent_value,
    children.children_sum
from children
left join {{ model }} as parents using ({{ group_by | join(', ') }}, {{ code }})
where
    not (children.is_excused or coalesce(parents.{{ unless }}, false))
    and (
        abs(coalesce(parents.{{ value }}, 0) - children.children_sum) > {{ tolerance }}
        -- a parent that is not printed at all
        or parents.{{ code }} is null
    )

{% endtest %}
