{#- The versions of a key follow one another without gap or overlap on the published axis; the last one is open. -#}
{% test one_version_a_day(model, key) %}

with

followed as (

    select
        published_on,
        superseded_on,
        lead(published_on) over (
            partition by {{ key | join(', ') }}
            order by published_on asc
        ) as next_on
    from {{ model }}

)

select
    published_on,
    superseded_on
from followed
where superseded_on is distinct from next_on or superseded_on <= published_on

{% endtest %}
