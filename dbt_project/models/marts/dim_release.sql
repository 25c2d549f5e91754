with

releases as (

    select * from {{ ref('int_releases__state') }}

),

counted as (

    select
        release_id,
        dataset,
        edition,
        sha256,
        origin,
        url,
        coverage,
        redacted,
        published_on,
        published_on_from,
        published_seq,
        first_fetched_at,
        state,
        state_at,
        state_reason,
        decided_by,
        figures,
        entries,
        rejected,
        state in {{ visible_events() }} as is_visible,
        count(*) over (partition by dataset, edition) as of_edition,
        count(*) filter (where state in {{ visible_events() }}) over (partition by dataset, edition)
            as visible_of_edition
    from releases

),

final as (

    select
        release_id,
        dataset,
        edition,
        -- an edition names the one release that stands for it; any other is named by its content
        case
            when edition is not null and (is_visible and visible_of_edition = 1 or of_edition = 1)
                then dataset || '@' || edition
            else dataset || '#' || left(sha256, 8)
        end as handle,
        sha256,
        origin,
        url,
        coverage,
        redacted,

        published_on,
        published_on_from,
        published_seq,
        first_fetched_at,

        state,
        state_at,
        state_reason,
        decided_by,

        figures,
        entries,
        rejected

    from counted

)

select * from final
