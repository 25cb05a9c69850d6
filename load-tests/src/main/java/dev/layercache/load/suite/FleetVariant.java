package dev.layercache.load.suite;

import java.util.List;

/** What stands between the machines of a fleet and the upstream registry. */
enum FleetVariant {
  NO_CACHE("no cache"),
  MIRROR("docker-registry mirror"),
  LAYERCACHE("layercache"),
  AGENTS("layercache with agents");

  /** The rate of the wire to the upstream registry, which all machines of the site share. */
  static final int UPSTREAM_MBIT = 1000;

  private final String title;

  FleetVariant(String title) {
    this.title = title;
  }

  /** As in the tables. */
  String title() {
    return title;
  }

  /** What the reader must know of the variants. */
  static List<String> notes() {
    return List.of(
        "Each build begins on a clean machine, pulls the newest image of its application and the base, makes a new application layer on a framework layer that some applications share, and pushes: as docker does, it asks first (HEAD, then a mount from the base's repository). The base images get one update at noon.",
        "No cache: machines pull from and push to the upstream registry (docker-registry). docker-registry mirror: they pull through a pull-through cache on the site, whose pushes still go upstream, since a mirror takes none. layercache: applications live on the site, base images come through its pull-through mirror. With agents: layers stay on a machine from one build to the next, as a layercache agent on it keeps them; the agents' stores are simulated, the bytes between them and layercache are not.",
        "Bytes are counted on relays between machines, site and upstream. The wires within the site are as fast as this machine. Lower bound: each unique byte once from upstream, once to each machine that needs and did not make it, and once to the site.");
  }
}
