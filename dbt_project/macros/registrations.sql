{#- A field of an entry, as text: its value, or what the correction in force sets in its place, null too. -#}
{% macro corrected_field(name) -%}
    case
        when corrections.changes ? '{{ name }}' then corrections.changes ->> '{{ name }}'
        else entries.fields -> '{{ name }}' ->> 'value'
    end
{%- endmacro %}

{#- Window function: what was said last of a column, by the rows' day; NULL before anything was. -#}
{% macro said_last(column, type, by='registrant_code, location_code') -%}
    cast((max(case when {{ column }} is not null then array[cast(published_on as text), cast({{ column }} as text)] end)
        over (partition by {{ by }} order by published_on asc))[2] as {{ type }})
{%- endmacro %}

{#- Whether a complete list is complete of a location's kind, and of its region where it is of one. -#}
{% macro is_in_scope(list, kind, region_name) -%}
    {{ list }}.kind in ('all', {{ kind }})
    and ({{ list }}.region_name is null or {{ list }}.region_name = lower({{ region_name }}))
{%- endmacro %}

{#- Of a model with `difference_within`: the rows of a registrant are followed whole, found by their ids. -#}
{% macro rows_of_noted_registrants() -%}
    {%- if execute and differs_within() -%}
        where entry_id = any(array(
            select identity.entry_id
            from {{ source('resolved', 'identity') }} as identity
            where identity.registrant_code in (select registrant_code from {{ noted_within() }})
        ))
    {%- endif -%}
{%- endmacro %}

{#-
    After note_within(): where the releases that are new come after all that the store holds, only those registrants are
    followed again of whom one says something else than stands, or in whose scope a complete list leaves one out.
-#}
{% macro note_registrants_with_news() -%}
    {%- if execute and differs_within() %}
        create temporary table registrations_news on commit drop as
        select sights.*
        from {{ ref('int_registrations__sight') }} as sights
        where sights.release_id = any(array(select release_id from {{ ref('int_registrations__news') }} where all_only_add));
        analyze registrations_news;

        insert into {{ noted_within() }} (registrant_code)
        select news.registrant_code
        from registrations_news as news
        left join {{ this }} as standing
            on news.registrant_code = standing.registrant_code
            and news.location_code = standing.location_code
            and standing.superseded_on is null
        where
            standing.registrant_code is null
            or not standing.is_listed
            or news.is_branch != standing.is_branch
            or news.kind != standing.kind
            or news.place_code != standing.place_code
            or news.valid_till_month is distinct from coalesce(standing.valid_till_month, news.valid_till_month)
                and news.valid_till_month is not null
            or news.valid_from_month is not null and standing.valid_from_month is distinct from news.valid_from_month
            or news.is_provisional is not null and standing.is_provisional is distinct from news.is_provisional
            or (news.kind is not null and standing.kind is null)
            or (news.place_code is not null and standing.place_code = 'unknown')
            or (news.valid_till_month is not null and standing.valid_till_month is null);

        insert into {{ noted_within() }} (registrant_code)
        select standing.registrant_code
        from {{ this }} as standing
        left join {{ ref('dim_place') }} as places on standing.place_code = places.place_code
        inner join {{ ref('int_registers__lists') }} as lists
            on {{ is_in_scope('lists', 'standing.kind', 'places.region_name') }}
        where
            lists.release_id = any(array(select release_id from {{ ref('int_registrations__news') }} where all_only_add))
            and standing.superseded_on is null
            and standing.is_listed
            and not exists (
                select 1 from registrations_news as news
                where
                    news.release_id = lists.release_id
                    and news.registrant_code = standing.registrant_code
                    and news.location_code = standing.location_code
            );
        analyze {{ noted_within() }}
    {%- endif -%}
{%- endmacro %}

{#- What the store has taken in is news no longer; in the transaction of its rows, under the lock of builds. -#}
{% macro forget_changed_registrants() -%}
    {%- if execute and var('as_of_schema') is none %}
        delete from {{ source('staging', 'identity_changed') }}
    {%- endif -%}
{%- endmacro %}

{#-
    How a validity follows the one before it at its location. Within three months after the last day is renewed, later is
    registered again; where the first month is not stated, the release's day says so only when it is early enough.
-#}
{% macro succession() -%}
    case
        when valid_till_month_before is null then 'new'
        when valid_till_month < valid_till_month_before then 'restated'
        when was_provisional and not is_provisional
            and coalesce(valid_from_month, published_on) < valid_till_month_before + interval '2 months' then 'confirmed'
        when coalesce(valid_from_month, published_on) < valid_till_month_before + interval '4 months' then 'renewed'
        when valid_from_month is null then 'unclear'
        else 're_registered'
    end
{%- endmacro %}

{#- Texts of a list in the order of their bytes, the same on every server; empty for no list. -#}
{% macro in_order(list) -%}
    array(select listed.said from unnest({{ list }}) as listed (said) order by listed.said collate "C")
{%- endmacro %}

{#- Window function: how many hold in a month of a cell, from how many have begun and ended up to it. -#}
{% macro running_count(changes) -%}
    cast(coalesce(sum({{ changes }}) over (
        partition by months.kind, months.region_code, months.city_code
        order by months.period_start asc
    ), 0) as integer)
{%- endmacro %}
