{#- Every row cites rows of registers, in ascending order without repeats, and every one is staged. -#}
{% test entries_present(model) %}

select entry_ids
from {{ model }} as cited
where
    coalesce(cardinality(entry_ids), 0) = 0
    or entry_ids != array(
        select distinct entry.entry_id
        from unnest(cited.entry_ids) as listed (entry_id)
        inner join {{ source('staging', 'entry') }} as entry on listed.entry_id = entry.entry_id
        order by entry.entry_id
    )

{% endtest %}
