{#- Each number of a mart is that of the rows of its `_member` view, and no member is counted nowhere. -#}
{% test counts_its_members(model) %}

with

counted as (

    select
        counts.period_code,
        counts.kind,
        counts.region_code,
        counts.city_code,
        each_number.key as measure,
        cast(each_number.value as bigint) as rows_due
    from {{ model }} as counts
    cross join lateral jsonb_each_text(jsonb_build_object(
        {%- for measure in registration_measures() %}
        '{{ measure }}', counts.{{ measure }}{{ "," if not loop.last }}
        {%- endfor %}
    )) as each_number

),

members as (

    select
        period_code,
        kind,
        region_code,
        city_code,
        measure,
        count(*) as rows_found
    from {{ ref('mart_registrations_member') }}
    group by period_code, kind, region_code, city_code, measure

)

select
    counted.rows_due,
    members.rows_found
from counted
full outer join members
    on
        counted.period_code = members.period_code
        and counted.kind = members.kind
        and counted.region_code = members.region_code
        and counted.city_code = members.city_code
        and counted.measure = members.measure
where coalesce(counted.rows_due, -1) != coalesce(members.rows_found, 0)

{% endtest %}
