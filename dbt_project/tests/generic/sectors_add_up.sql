{#-
    The lines of every sector of kind `sector` are all there in each group and add up to the total's line within the
    tolerance; not available counts as 0. Nothing is demanded of a group with a row among them that is `unless`.
-#}
{% test sectors_add_up(model, value, code, total, group_by, tolerance, unless) %}

with

sector_lines as (

    select sector_ebops_line.ebops_code
    from {{ ref('sector_ebops_line') }} as sector_ebops_line
    inner join {{ ref('sector') }} as sector using (sector_code)
    where sector.sector_kind = 'sector'

)

select
    {{ group_by | join(', ') }},
    sum(coalesce({{ value }}, 0)) filter (where {{ code }} = '{{ total }}') as total,
    sum(coalesce({{ value }}, 0)) filter (where {{ code }} != '{{ total }}') as sectors
from {{ model }}
where {{ code }} = '{{ total }}' or {{ code }} in (select ebops_code from sector_lines)
group by {{ group_by | join(', ') }}
having
    not bool_or({{ unless }})
    and (
        abs(sum(coalesce({{ value }}, 0) * case {{ code }} when '{{ total }}' then 1 else -1 end)) > {{ tolerance }}
        or count(*) != 1 + (select count(*) from sector_lines)
    )

{% endtest %}
