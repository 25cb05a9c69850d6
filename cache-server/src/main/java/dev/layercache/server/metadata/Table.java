package dev.layercache.server.metadata;

/** The tables. Names are on disk: never rename or reuse one. */
public enum Table {
  /** (repository, tag) to what it points to. */
  TAGS("tags"),
  /** (repository, manifest digest) to the manifest's descriptor and what it names. */
  MANIFESTS("manifests"),
  /**
   * (repository, manifest digest, tag): the tag was put on the manifest and may have moved since.
   * Finds the tags of a manifest without reading all tags of its repository.
   */
  TAGGED("tagged"),
  /** (blob digest, repository, manifest digest): who names a blob. */
  LINKS("links"),
  /** (repository, subject digest, manifest digest) to the referrer's descriptor. */
  REFERRERS("referrers"),
  /** (repository, blob digest): deleted there, whatever the store holds. */
  TOMBSTONES("tombstones"),
  /** (repository, tag) to when the tag was last compared with the registry that it comes from. */
  TAG_CHECKS("tag-checks"),
  /**
   * What was found damaged, and how far the scrubber is; {@code server.integrity} and the store.
   */
  INTEGRITY("integrity"),
  /** (repository, manifest digest): an image that is kept until a time. */
  PINS("pins"),
  /** Blob digest: a blob that is kept until a time. */
  LEASES("leases"),
  /** What was evicted, by number, digest and tag; bounded. */
  EVICTIONS("evictions");

  private final String columnFamily;

  Table(String columnFamily) {
    this.columnFamily = columnFamily;
  }

  /** Its name on disk. */
  public String columnFamily() {
    return columnFamily;
  }
}
