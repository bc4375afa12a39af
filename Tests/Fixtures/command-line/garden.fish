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
complete -c garden -n "__garden_at 'garden water'" -s b -l bed -x -a '(garden list beds 2>/dev/null)' -d 'Only this bed'
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
