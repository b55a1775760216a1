; Before the program goes, every AI client gets back the configuration it had. An update runs this uninstaller too, and restores nothing.
!macro customUnInstall
  ${ifNot} ${isUpdated}
    nsExec::ExecToLog '"$INSTDIR\resources\bin\gatehouse.exe" uninstall --all'
    DeleteRegValue HKCU "Software\Microsoft\Windows\CurrentVersion\Run" "app.gatehouse.desktop"
  ${endIf}
!macroend
