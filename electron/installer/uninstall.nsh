; Before the program goes, every AI client gets back the configuration it had; a window of the command line asks for the PIN. It is the
; first thing that happens, while the app still runs. An update runs this uninstaller too, and restores nothing.
!macro customUnInit
  ${ifNot} ${isUpdated}
    ExecWait '"$INSTDIR\resources\bin\gatehouse.exe" uninstall --all' $0
    ${if} $0 != 0
      MessageBox MB_YESNO|MB_ICONEXCLAMATION "Your AI clients could not be given back the configuration they had. To do it, start Gatehouse and uninstall again. Remove Gatehouse anyway? Clients that go through it will then reach nothing." /SD IDYES IDYES +2
      Quit
    ${endIf}
  ${endIf}
!macroend

!macro customUnInstall
  ${ifNot} ${isUpdated}
    DeleteRegValue HKCU "Software\Microsoft\Windows\CurrentVersion\Run" "app.gatehouse.desktop"
  ${endIf}
!macroend
