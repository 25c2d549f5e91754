with

events as (

    select * from {{ seen_ledger() }} as ledger
    where event = 'corrected'

),

-- events of one instant came about together: the last set of them counts, until the next one
sets as (

    select distinct on (release_id, at)
        release_id,
        at,
        evidence -> 'corrections' as corrections
    from events
    order by release_id asc, at asc, seq desc

),

lasting as (

    select
        release_id,
        corrections,
        tstzrange(at, lead(at) over (partition by release_id order by at asc)) as during
    from sets

),

corrected as (

    select
        cast(one.correction ->> 'figure_id' as bigint) as figure_id,
        one.correction ->> 'action' = 'drop' as is_dropped,
        cast(round(cast(one.correction ->> 'value' as numeric), 6) as numeric(20, 6)) as value,
        one.correction ->> 'null_reason' as null_reason,
        one.correction ->> 'flag' as flag,
        range_agg(lasting.during) as during
    from lasting
    cross join jsonb_array_elements(lasting.corrections) as one (correction)
    where one.correction ->> 'figure_id' is not null
    group by
        figure_id,
        is_dropped,
        value,
        null_reason,
        flag

),

-- whenever no correction was in force
as_printed as (

    select
        figure_id,
        cast('{(,)}' as tstzmultirange) - range_agg(during) as during
    from corrected
    group by figure_id

),

final as (

    select
        figure_id,
        true as corrected,
        is_dropped,
        value,
        null_reason,
        flag,
        during
    from corrected

    union all

    select
        figure_id,
        false as corrected,
        false as is_dropped,
        cast(null as numeric(20, 6)) as value,
        cast(null as text) as null_reason,
        cast(null as text) as flag,
        during
    from as_printed

)

select * from final
