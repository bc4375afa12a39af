/// The scripts for the sample program, tried by hand in each shell.
enum ExpectedCompletions {
    static let bash = #"""
        # bash completion for garden
        _garden() {
            local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
            local path=garden count=0 i
            COMPREPLY=()
            # bash takes the = of --name=value for a word of its own
            if [[ $cur == = ]]; then
                cur=
            elif [[ $prev == = ]]; then
                prev=${COMP_WORDS[COMP_CWORD-2]}
            fi
            for ((i = 1; i < COMP_CWORD; i++)); do
                case "$path ${COMP_WORDS[i]}" in
                    'garden water') path='garden water' ;;
                    'garden seed') path='garden seed' ;;
                    'garden help') : ;;
                    'garden -c'|'garden --config'|'garden -o'|'garden --output') [[ ${COMP_WORDS[++i]} == = ]] && ((i++)) ;;
                    'garden water -l'|'garden water --limit'|'garden water -b'|'garden water --bed'|'garden water --every'|'garden water -c'|'garden water --config'|'garden water -o'|'garden water --output') [[ ${COMP_WORDS[++i]} == = ]] && ((i++)) ;;
                    'garden seed add') path='garden seed add' ;;
                    'garden seed list') path='garden seed list' ;;
                    'garden seed help') : ;;
                    'garden seed -c'|'garden seed --config'|'garden seed -o'|'garden seed --output') [[ ${COMP_WORDS[++i]} == = ]] && ((i++)) ;;
                    'garden seed add --bed'|'garden seed add --store'|'garden seed add -c'|'garden seed add --config'|'garden seed add -o'|'garden seed add --output') [[ ${COMP_WORDS[++i]} == = ]] && ((i++)) ;;
                    'garden seed list -c'|'garden seed list --config'|'garden seed list -o'|'garden seed list --output') [[ ${COMP_WORDS[++i]} == = ]] && ((i++)) ;;
                    *' '-*|*' =') ;;
                    *) ((count++)) ;;
                esac
            done
            case "$path $prev" in
                'garden -c'|'garden --config') compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
                'garden -o'|'garden --output') mapfile -t COMPREPLY < <(compgen -W 'text json markdown' -- "$cur"); return ;;
                'garden water -l'|'garden water --limit') :; return ;;
                'garden water -b'|'garden water --bed') :; return ;;
                'garden water --every') :; return ;;
                'garden water -c'|'garden water --config') compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
                'garden water -o'|'garden water --output') mapfile -t COMPREPLY < <(compgen -W 'text json markdown' -- "$cur"); return ;;
                'garden seed -c'|'garden seed --config') compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
                'garden seed -o'|'garden seed --output') mapfile -t COMPREPLY < <(compgen -W 'text json markdown' -- "$cur"); return ;;
                'garden seed add --bed') :; return ;;
                'garden seed add --store') compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$cur"); return ;;
                'garden seed add -c'|'garden seed add --config') compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
                'garden seed add -o'|'garden seed add --output') mapfile -t COMPREPLY < <(compgen -W 'text json markdown' -- "$cur"); return ;;
                'garden seed list -c'|'garden seed list --config') compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
                'garden seed list -o'|'garden seed list --output') mapfile -t COMPREPLY < <(compgen -W 'text json markdown' -- "$cur"); return ;;
            esac
            if [[ $cur == -* ]]; then
                case $path in
                    'garden') mapfile -t COMPREPLY < <(compgen -W '-c --config -o --output -q --quiet -h --help --version' -- "$cur") ;;
                    'garden water') mapfile -t COMPREPLY < <(compgen -W '-n --dry-run --force -l --limit -b --bed --every -c --config -o --output -q --quiet -h --help' -- "$cur") ;;
                    'garden seed') mapfile -t COMPREPLY < <(compgen -W '-c --config -o --output -q --quiet -h --help' -- "$cur") ;;
                    'garden seed add') mapfile -t COMPREPLY < <(compgen -W '--bed --store -c --config -o --output -q --quiet -h --help' -- "$cur") ;;
                    'garden seed list') mapfile -t COMPREPLY < <(compgen -W '-c --config -o --output -q --quiet -h --help' -- "$cur") ;;
                esac
                return
            fi
            case "$path $count" in
                'garden 0') mapfile -t COMPREPLY < <(compgen -W 'water seed help' -- "$cur") ;;
                'garden seed 0') mapfile -t COMPREPLY < <(compgen -W 'add list help' -- "$cur") ;;
                'garden seed add 0') compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
                'garden seed list 0') mapfile -t COMPREPLY < <(compgen -W 'text json markdown' -- "$cur") ;;
            esac
        }
        complete -F _garden garden

        """#

    static let fish = #"""
        # fish completion for garden
        function __garden_at
            set -l path garden
            set -l skip 0
            for word in (commandline -opc)[2..-1]
                if test $skip -eq 1
                    set skip 0
                    continue
                end
                switch "$path $word"
                    case 'garden -c' 'garden --config' 'garden -o' 'garden --output'
                        set skip 1
                    case 'garden water'
                        set path 'garden water'
                    case 'garden seed'
                        set path 'garden seed'
                    case 'garden water -l' 'garden water --limit' 'garden water -b' 'garden water --bed' 'garden water --every' 'garden water -c' 'garden water --config' 'garden water -o' 'garden water --output'
                        set skip 1
                    case 'garden seed -c' 'garden seed --config' 'garden seed -o' 'garden seed --output'
                        set skip 1
                    case 'garden seed add'
                        set path 'garden seed add'
                    case 'garden seed list'
                        set path 'garden seed list'
                    case 'garden seed add --bed' 'garden seed add --store' 'garden seed add -c' 'garden seed add --config' 'garden seed add -o' 'garden seed add --output'
                        set skip 1
                    case 'garden seed list -c' 'garden seed list --config' 'garden seed list -o' 'garden seed list --output'
                        set skip 1
                end
            end
            test "$path" = "$argv[1]"
        end

        complete -c garden -f
        complete -c garden -n "__garden_at 'garden'" -a water -d 'Water what is dry'
        complete -c garden -n "__garden_at 'garden'" -a seed -d 'Sow and list'
        complete -c garden -n "__garden_at 'garden'" -a help -d 'Show the help of a command'
        complete -c garden -n "__garden_at 'garden'" -s c -l config -x -a '(__fish_complete_path (commandline -ct))' -d 'Read the plan from FILE'
        complete -c garden -n "__garden_at 'garden'" -s o -l output -x -a 'text json markdown' -d 'Print as FORMAT'
        complete -c garden -n "__garden_at 'garden'" -s q -l quiet -d 'Say less'
        complete -c garden -n "__garden_at 'garden'" -s h -l help -d 'Show this help and exit'
        complete -c garden -n "__garden_at 'garden'" -l version -d 'Show the version and exit'
        complete -c garden -n "__garden_at 'garden water'" -s n -l dry-run -d 'Change nothing'
        complete -c garden -n "__garden_at 'garden water'" -l force -d 'Don\'t ask: water at once'
        complete -c garden -n "__garden_at 'garden water'" -s l -l limit -x -d 'Stop after N beds'
        complete -c garden -n "__garden_at 'garden water'" -s b -l bed -x -d 'Only this bed'
        complete -c garden -n "__garden_at 'garden water'" -l every -x -d 'Wait this long between rounds'
        complete -c garden -n "__garden_at 'garden water'" -s c -l config -x -a '(__fish_complete_path (commandline -ct))' -d 'Read the plan from FILE'
        complete -c garden -n "__garden_at 'garden water'" -s o -l output -x -a 'text json markdown' -d 'Print as FORMAT'
        complete -c garden -n "__garden_at 'garden water'" -s q -l quiet -d 'Say less'
        complete -c garden -n "__garden_at 'garden water'" -s h -l help -d 'Show this help and exit'
        complete -c garden -n "__garden_at 'garden seed'" -a add -d 'Sow a seed'
        complete -c garden -n "__garden_at 'garden seed'" -a list -d 'List what was sown'
        complete -c garden -n "__garden_at 'garden seed'" -a help -d 'Show the help of a command'
        complete -c garden -n "__garden_at 'garden seed'" -s c -l config -x -a '(__fish_complete_path (commandline -ct))' -d 'Read the plan from FILE'
        complete -c garden -n "__garden_at 'garden seed'" -s o -l output -x -a 'text json markdown' -d 'Print as FORMAT'
        complete -c garden -n "__garden_at 'garden seed'" -s q -l quiet -d 'Say less'
        complete -c garden -n "__garden_at 'garden seed'" -s h -l help -d 'Show this help and exit'
        complete -c garden -n "__garden_at 'garden seed add'" -l bed -x -d 'Where it goes'
        complete -c garden -n "__garden_at 'garden seed add'" -l store -x -a '(__fish_complete_directories (commandline -ct))' -d 'Keep the rest there'
        complete -c garden -n "__garden_at 'garden seed add'" -s c -l config -x -a '(__fish_complete_path (commandline -ct))' -d 'Read the plan from FILE'
        complete -c garden -n "__garden_at 'garden seed add'" -s o -l output -x -a 'text json markdown' -d 'Print as FORMAT'
        complete -c garden -n "__garden_at 'garden seed add'" -s q -l quiet -d 'Say less'
        complete -c garden -n "__garden_at 'garden seed add'" -s h -l help -d 'Show this help and exit'
        complete -c garden -n "__garden_at 'garden seed add'" -a '(__fish_complete_path (commandline -ct))'
        complete -c garden -n "__garden_at 'garden seed list'" -s c -l config -x -a '(__fish_complete_path (commandline -ct))' -d 'Read the plan from FILE'
        complete -c garden -n "__garden_at 'garden seed list'" -s o -l output -x -a 'text json markdown' -d 'Print as FORMAT'
        complete -c garden -n "__garden_at 'garden seed list'" -s q -l quiet -d 'Say less'
        complete -c garden -n "__garden_at 'garden seed list'" -s h -l help -d 'Show this help and exit'
        complete -c garden -n "__garden_at 'garden seed list'" -a 'text json markdown'

        """#

    static let zsh = #"""
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
                '*'{-b+,--bed=}'[Only this bed]:NAME: ' \
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

        """#
}
