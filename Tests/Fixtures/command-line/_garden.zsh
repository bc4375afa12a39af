#compdef garden

_garden() {
    local state state_descr line curcontext="$curcontext"
    typeset -A opt_args
    _arguments -C -s -S \
        '(-c --config)'{-c+,--config=}'[Read the plan from FILE]:FILE:_files' \
        '(-o --output)'{-o+,--output=}'[Print as FORMAT]:FORMAT:(text json markdown)' \
        '(-q --quiet)'{-q,--quiet}'[Say less]' \
        '(-h --help)'{-h,--help}'[Show this help and exit]' \
        '--version[Show the version and exit]' \
        '1: :->command' \
        '*:: :->rest'
    case $state in
        command)
            local -a commands=(
                'water:Water what is dry'
                'seed:Sow and list'
                'help:Show the help of a command'
            )
            _describe command commands ;;
        rest)
            case $line[1] in
                water) _garden__water ;;
                seed) _garden__seed ;;
            esac ;;
    esac
}

_garden__water() {
    _arguments -s -S \
        '(-n --dry-run)'{-n,--dry-run}'[Change nothing]' \
        '--force[Don'\''t ask\: water at once]' \
        '(-l --limit)'{-l+,--limit=}'[Stop after N beds]:N: ' \
        '*'{-b+,--bed=}'[Only this bed]:NAME:{compadd -- ${(f)"$(garden list beds 2>/dev/null)"}}' \
        '--every=[Wait this long between rounds]:DURATION: ' \
        '(-c --config)'{-c+,--config=}'[Read the plan from FILE]:FILE:_files' \
        '(-o --output)'{-o+,--output=}'[Print as FORMAT]:FORMAT:(text json markdown)' \
        '(-q --quiet)'{-q,--quiet}'[Say less]' \
        '(-h --help)'{-h,--help}'[Show this help and exit]' \
        '*:PLANT: '
}

_garden__seed() {
    local state state_descr line curcontext="$curcontext"
    typeset -A opt_args
    _arguments -C -s -S \
        '(-c --config)'{-c+,--config=}'[Read the plan from FILE]:FILE:_files' \
        '(-o --output)'{-o+,--output=}'[Print as FORMAT]:FORMAT:(text json markdown)' \
        '(-q --quiet)'{-q,--quiet}'[Say less]' \
        '(-h --help)'{-h,--help}'[Show this help and exit]' \
        '1: :->command' \
        '*:: :->rest'
    case $state in
        command)
            local -a commands=(
                'add:Sow a seed'
                'list:List what was sown'
                'help:Show the help of a command'
            )
            _describe command commands ;;
        rest)
            case $line[1] in
                add) _garden__seed__add ;;
                list) _garden__seed__list ;;
            esac ;;
    esac
}

_garden__seed__add() {
    _arguments -s -S \
        '--bed=[Where it goes]:NAME: ' \
        '--store=[Keep the rest there]:DIR:_files -/' \
        '(-c --config)'{-c+,--config=}'[Read the plan from FILE]:FILE:_files' \
        '(-o --output)'{-o+,--output=}'[Print as FORMAT]:FORMAT:(text json markdown)' \
        '(-q --quiet)'{-q,--quiet}'[Say less]' \
        '(-h --help)'{-h,--help}'[Show this help and exit]' \
        ':SEED:_files' \
        '::DEPTH: '
}

_garden__seed__list() {
    _arguments -s -S \
        '(-c --config)'{-c+,--config=}'[Read the plan from FILE]:FILE:_files' \
        '(-o --output)'{-o+,--output=}'[Print as FORMAT]:FORMAT:(text json markdown)' \
        '(-q --quiet)'{-q,--quiet}'[Say less]' \
        '(-h --help)'{-h,--help}'[Show this help and exit]' \
        ':KIND:(text json markdown)'
}

if [ "$funcstack[1]" = "_garden" ]; then
    _garden "$@"
else
    compdef _garden garden
fi
