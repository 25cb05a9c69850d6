package dev.layercache.server.integrity;

/** How closely a blob is looked at. Both read every stored byte. */
public enum Depth {
  /** Records agree with each other, and every block has the checksum that it was written with. */
  FAST,
  /** Also, every blob has the digest that it is stored under. */
  FULL
}
