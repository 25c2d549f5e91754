{#- Each number of a mart is that of the rows of its view of members, and no member is counted nowhere. -#}
{% test counts_its_members(model, members, key, measures) %}

with

counted as (

    select
        {%- for column in key %}
        counts.{{ column }},
        {%- endfor %}
        each_number.key as measure,
        cast(each_number.value as bigint) as rows_due
    from {{ model }} as counts
    cross join lateral jsonb_each_text(jsonb_build_object(
        {%- for measure in measures %}
        '{{ measure }}', coalesce(counts.{{ measure }}, 0){{ "," if not loop.last }}
        {%- endfor %}
    )) as each_number

),

members as (

    select
        {%- for column in key %}
        {{ column }},
        {%- endfor %}
        measure,
        count(*) as rows_found
    from {{ members }}
    group by {{ key | join(', ') }}, measure

)

select
    counted.rows_due,
    members.rows_found
from counted
full outer join members
    on
        counted.measure = members.measure
        {%- for column in key %}
        and counted.{{ column }} = members.{{ column }}
        {%- endfor %}
where coalesce(counted.rows_due, -1) != coalesce(members.rows_found, 0)

{% endtest %}
