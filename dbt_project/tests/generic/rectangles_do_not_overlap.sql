{#-
    Of one group no two rows hold at the same day and instant; intervals are half-open, NULL is an open end, and an
    empty published interval meets nothing.
-#}
{% test rectangles_do_not_overlap(model, group_by) %}

with

rectangles as (

    select
        {{ group_by | join(', ') }},
        published_on,
        published_seq,
        recorded_at,
        daterange(published_on, superseded_on) as published,
        tstzrange(recorded_at, superseded_at) as recorded
    from {{ model }}

)

select
    {{ group_by | join(', ') }},
    one.published_on,
    other.published_on as other_published_on
from rectangles as one
inner join rectangles as other using ({{ group_by | join(', ') }})
where
    (one.published_on, one.published_seq, one.recorded_at) < (other.published_on, other.published_seq, other.recorded_at)
    and one.published && other.published
    and one.recorded && other.recorded

{% endtest %}
