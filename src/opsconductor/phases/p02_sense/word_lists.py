"""The words sensing knows by heart: English function words, nouns for any machine, words of other languages."""


def words_in(text: str) -> frozenset[str]:
    """The words of a table."""
    return frozenset(text.split())


FUNCTION_WORDS = words_in(
    """
    a about above across after again against all almost along already also although always am an and another any
    anybody anyone anything are around as asap at be because been before behind being below besides between both
    but by can cannot could did do does doing done down during each either else enough etc even ever every
    everybody everyone everything everywhere few for from further get gets getting give given gives go goes
    going gone got had has have having he hello her here hers hey hi him his how however i if in inside instead
    into is it its itself just keep keeps kind later least less let lets like likely ll long lot lots many may
    maybe me mean means meant mine more most much must my myself near need needs neither never next no nobody
    none nor not nothing now of off often oh ok okay on once one ones only onto or other others otherwise our
    ours out outside over own per perhaps please quite rather re really right s same seem seems several shall
    she should since so some somebody someone something sometimes soon still such sure t take than thank thanks
    that the their theirs them themselves then there therefore these they thing things this those though through
    thus till to today together tomorrow tonight too toward towards twice under unless until up upon us use used
    uses using ve very via want wants was way we well were what whatever when where whether which while who
    whole whom whose why will with within without won would yes yesterday yet you your yours yourself
    """
)
"""Closed-class and filler words: never the name of anything, and the best sign of English."""

OPERATIONS_WORDS = words_in(
    """
    alive answer answers assets bounce break bring broken change changed check computer computers count crash
    crashing cycle deploy describe details device devices disk disks display down enumerate erase figure find
    fix fleet free full hang hangs happened health healthy host hosts install inventory kick kill list look
    machine machines memory move number online open owns page patch ping please process pull put reach reachable
    reboot relaunch reload remaining remove report respond restart restarted restarting running runs scale see
    server servers service services shut show shutdown slow space start started status stop stopped storage tell
    test total troubleshoot turn uninstall update upgrade usage verify website wipe work working workstation
    workstations wrong
    """
)
"""What operations people write all day; a name that is not exactly in the inventory is not looked for in these."""

ENGLISH_SIGNS = (FUNCTION_WORDS | OPERATIONS_WORDS) - words_in(
    # Words that the other languages below also write.
    """
    a am as can computer computers count device disk disks do down figure he her him i in it kind list ll me
    mine machine machines no number on online or ping process re report s server servers service services so
    status stop storage t test total tot update ve was we website
    """
)
"""Words whose presence speaks for English and for no other language listed below."""

MACHINE_NOUNS = words_in(
    """
    asset assets box boxes computer computers device devices equipment gear guest guests
    hardware host hosts instance instances item items machine machines node nodes server servers system systems
    unit units vm vms
    """
)
"""Nouns that say `any machine` and name no type by themselves."""

TARGET_CUES = words_in(
    """
    at box computer connect for from host hostname hosts into machine node of on onto ping pinging reach reboot
    server ssh to vm workstation router switch @
    """
)
"""Words after which the name of a machine may stand."""

FIELD_NOUNS = {
    "site": "site", "sites": "site", "location": "site", "datacenter": "site", "data center": "site",
    "data centre": "site", "office": "site", "role": "role", "roles": "role", "owner": "owner", "owners": "owner",
    "team": "owner", "department": "owner", "tenant": "owner", "type": "type", "types": "type",
    "environment": "environment", "environments": "environment", "env": "environment", "status": "status",
    "platform": "platform", "service": "service",
}  # fmt: skip
"""Nouns for a property of assets, beside which its value stands: `site Akron`, `the Akron office`."""

NO_PLACES = words_in(
    """
    alphabetical asset-service books brief business care cmdb company csv database depth detail details english
    fact figures format future general group groups hand house json mind network numbers operation order
    organisation organization particular past place present question record records register risk scope scratch
    short stock summary table time total use words work world
    """
)
"""Words after `in` and `at` that are no place."""

NO_SOFTWARE = words_in(
    "address addresses errors fine great hot issues low problems slow smoothly stable trouble well ip ips name names"
)
"""Words after `run` and `have` that are no software."""

NO_PROPERTIES = words_in(
    """
    actual actually aggregate alphabetically asap available basic brief clear company complete computer corporate
    count counts current currently different distinct entire entries estate existing exact exactly figures full
    good headcount host individual info information inventoried inventory items kind kinds known location locations
    managed moment names numbers office operating overall owned owners piece pieces present properties quick records
    registered respective roster roughly simple single sort sorts statistics stats status summary tenants total totals
    tracked unique whole
    """
)
"""Words before or after a counted noun that say nothing about which assets are meant."""

COMMAND_WORDS = words_in(
    """
    awk bash cat chmod chown crontab curl dd df dig dmesg docker du echo find free grep head hostname ifconfig
    ip iptables journalctl kill kubectl ls lsblk lsof mkdir mkfs mount mv nc netstat nslookup pkill ps python
    python3 perl rm route sed sh ss ssh sudo tail tar top touch traceroute uname uptime vmstat w wget who whoami
    """
)
"""First words that make what follows `run` a command line."""

PAYLOAD_COMMANDS = words_in(
    "rm curl wget sh bash sudo nc dd mkfs chmod chown echo eval exec cat powershell cmd drop union shutdown"
)
"""Words that turn text behind `;`, `|` or `&&` into a smuggled command or statement."""

KNOWN_SOFTWARE = words_in(
    """
    apache apache2 bind cassandra cron crond docker dockerd dovecot elasticsearch etcd exim grafana haproxy
    httpd iis jenkins kafka kubelet mariadb memcached mongod mongodb mssql mysql mysqld named nginx ntpd postfix
    postgres postgresql prometheus rabbitmq redis rsyslog samba sendmail smbd squid sqlserver ssh sshd syslog
    tomcat traefik varnish vault w3svc zookeeper
    """
)
"""Service names that everybody knows, whether this inventory has them or not."""

NO_HOSTS = words_in(
    """
    aes-128 aes-256 base-64 cat-5 cat-6 covid-19 ec2 f1 h264 h265 http2 http3 ipv4 ipv6 iso-8601 iso-8859-1 k8s
    log4j md5 mp3 mp4 oauth2 p1 p2 p3 p4 s3 sev-1 sev-2 sev-3 sha-1 sha-256 sha-512 sha1 sha256 sha512 tls1
    tls1-2 tls1-3 utf-16 utf-8 utf8 web2 web3 wi-fi6 wpa2 wpa3 x86 x86-64 x64 layer-2 layer-3 tier-1 tier-2
    tier-3 step-1 step-2 step-3 phase-1 phase-2 phase-3 python3 q1 q2 q3 q4
    """
)
"""Words of letters and digits that name no machine."""

FOREIGN_WORDS = {
    "de": words_in(
        """
        alle aller auf aus bei bitte dank danke das dass dem den der deren des dich dienst dir diese diesem
        diesen dieser dieses dir du durch ein eine einem einen einer eines einfach es euch fehler für gib gibt
        haben habt hallo hilfe ich ihr ihre immer ist jetzt kann kannst kein keine können läuft mache machen
        mein meine mich mir mit muss nach neu neue neustart neustarten nicht noch oder rechner schau sehr sein
        seit sich sie sind starte starten über um und uns unser unsere viele vielen vom von warum welche welcher
        welches wenn werden wie wieviele wir wird wo wurde zeig zeige zu zum zur zwischen anzahl bitteschön
        festplatte stoppe stoppen prüfe prüfen
        """
    ),
    "fr": words_in(
        """
        affiche affichez afficher aide arrête arrêter au aux avec avez avoir avons bonjour ce ces cet cette
        combien comment dans de des disque donne du elle elles en est et être faut il ils je la le les leur
        lister ma mais mes merci moi mon montre montrez même nos notre nous où parce par pas peut peux plaît
        pouvez pourquoi pour qu quand quel quelle quelles quels qui quoi redémarre redémarrer redémarrez relance
        relancer sa sans ses sont sur tous tout toute toutes une un veux vos votre vous vérifie vérifier serveur
        serveurs état démarre démarrer
        """
    ),
    "es": words_in(
        """
        al aquí ayuda cuantas cuanto cuantos cuál cuáles cuánta cuántas cuánto cuántos cómo de del desde disco
        dónde el ella ellos en equipo equipos es esta este esto está están estado favor gracias hay hola la las
        lo los muestra muestre más mi mis muéstrame necesito nuestra nuestro nuestros para pero por porque puede
        puedes que quiero qué reinicia reiniciar reinicie se servicio servicios servidor servidores sin sobre
        son su sus tenemos tengo tiene todas todos un una unas unos y yo detén detener inicia iniciar comprueba
        """
    ),
    "it": words_in(
        """
        abbiamo al alla che chi ciao come con cosa dei del della delle di dove ecco gli grazie ho il la le lo
        mia mio molti mostra mostrami nel nella nostri nostro non per perché più puoi quale quali quante quanti
        quanto questa questo riavvia riavviare sei servizio sono su sul sulla tutte tutti un una vorrei è
        """
    )
    - {"per", "come", "con"},
    "pt": words_in(
        """
        ajuda ao aos com como da das de dos ela ele em essa esse esta este está estão eu favor isso mais meu
        minha mostre mostrar nossa nosso não obrigado olá onde para pela pelo por porque quais qual quantas
        quantos que quero reinicie reiniciar são se sem serviço servidor servidores sobre temos tem tenho todas
        todos um uma você
        """
    ),
    "nl": words_in(
        """
        aan alle alsjeblieft bij dan dat de deze die dit een en er geef hallo hebben hebt herstart het hoe
        hoeveel hulp ik je jij jullie kan kun laat maar meer met mij mijn naar niet nog ons onze ook op over
        schijf start te toon uit van veel voor waar waarom wat we welke wij worden zien zijn zonder
        """
    )
    - {"die", "dan", "we", "over", "start", "kun", "maar"},
    "pl": words_in("czy dla dlaczego gdzie ile ja jak jest jestem mamy mnie nie oraz pokaż proszę są się uruchom więc"),
    "sv": words_in("alla att av det du ett finns för har hur inte jag kan med många och på som starta till vad vi är")
    - {"till"},
}
"""Frequent words of other languages in Latin script, without those that are English words too."""
