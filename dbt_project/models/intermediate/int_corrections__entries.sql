with

events as (

    select * from {{ seen_ledger() }} as ledger
    where event = 'corrected'

),

-- each event holds the whole set in force from then on
sets as (

    select distinct on (release_id)
        release_id,
        evidence -> 'corrections' as corrections
    from events
    order by release_id asc, seq desc

),

final as (

    select
        cast(one.correction ->> 'entry_id' as bigint) as entry_id,
        one.correction ->> 'correction' as correction,
        one.correction ->> 'action' = 'drop' as is_dropped,
        one.correction -> 'fields' as changes
    from sets
    cross join jsonb_array_elements(sets.corrections) as one (correction)
    where one.correction ->> 'entry_id' is not null

)

select * from final
